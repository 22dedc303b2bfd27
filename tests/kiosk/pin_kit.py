"""The technicians' PIN of the tests' kiosks."""

PIN = "246813"
SALT = bytes(16)
HASHED = f"scrypt:{SALT.hex()}:572f16a2a92807add81b96d22dc47502b42d2fc3667883d735a60d12865f8cc6"
