"""A hall's or county's own certificate authority, and what a broker needs to know each client by it.

Certificates say who somebody is: the common name is his name at the broker. The access list says what he may.
"""
