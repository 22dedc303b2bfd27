"""What the demonstration's node retained on an afternoon, as it stood at the broker; `NodeAbout` aside."""

TOPICS: dict[str, bytes] = {
    "status": (
        b'{"v":1,"state":"ready","epoch":"5640103e691dc29f1410bf17f0f55a9f","boot":"709e1df43cf74e2f'
        b'a68e5393f00862e0","session":"2d2e276107c54f528f4a997befe9e6af","version":"0.1.0","config_h'
        b'ash":"5b739cffefa752ec","last_seq":1,"since":1796023519.6501079}'
    ),
    "health": (
        b'{"v":1,"at":1796023549.6230593,"load1":3.55,"rss_mb":64.5,"loop_lag_ms":1.7,"outbox":{"row'
        b's":1,"bytes":3210104,"oldest_age_s":0.03202223777770996,"acked_seq":157,"last_seq":158,"dr'
        b'opped":0}}'
    ),
    "queue": (
        b'{"v":1,"day":"2026-11-30","services":[{"service":"tax","waiting":3,"issued":5,"oldest_wait'
        b'_s":8.0,"wait_p50_s":42,"wait_p90_s":78,"held":0,"booked":0},{"service":"social","waiting"'
        b':3,"issued":5,"oldest_wait_s":15.7,"wait_p50_s":36,"wait_p90_s":77,"held":0,"booked":0},{"'
        b'service":"business","waiting":2,"issued":7,"oldest_wait_s":3.3,"wait_p50_s":60,"wait_p90_s'
        b'":109,"held":0,"booked":0},{"service":"property","waiting":1,"issued":7,"oldest_wait_s":9.'
        b'5,"wait_p50_s":26,"wait_p90_s":50,"held":0,"booked":1},{"service":"residence","waiting":0,'
        b'"issued":3,"oldest_wait_s":0.0,"wait_p50_s":25,"wait_p90_s":54,"held":0,"booked":0},{"serv'
        b'ice":"general","waiting":1,"issued":3,"oldest_wait_s":11.1,"wait_p50_s":24,"wait_p90_s":56'
        b',"held":0,"booked":0}],"told":18,"mean_wait_s":7.8,"mae_s":26.8,"p90_coverage":1.0}'
    ),
    "cameras": (
        b'{"v":1,"total":12,"states":{"learning":12},"faults":{},"together":"","together_since":null}'
    ),
    "device/printer": (
        b'{"v":1,"device":"printer","state":"online","conditions":[],"since":1796023519.693001,"last'
        b'_heard":1796023559.7998521,"restarts":0,"attributes":{"model":"SIM-80","serial":"S0000001"'
        b',"firmware":"1.00"}}'
    ),
    "device/terminal-1": (
        b'{"v":1,"device":"terminal-1","state":"online","conditions":[],"since":1796023519.6772718,"'
        b'last_heard":1796023555.9924266,"restarts":0,"attributes":{"model":"Acme CardReader 42","se'
        b'rial":"1.0.12.05","firmware":"1.0.1.2","printer":"ok","card_reader":"empty","paper":"full"'
        b',"door":"closed","vendor":"ACME ATM Hardware GmbH","services":"Auxiliaries, CardReader, '
        b'Printer","last_citizen":"2026-11-30T07:25:55Z"}}'
    ),
    "device/pad-1": (
        b'{"v":1,"device":"pad-1","state":"handshake","conditions":[],"since":1796023519.625188,"las'
        b't_heard":null,"restarts":0,"attributes":{}}'
    ),
    "device/cam-1": (
        '{"v":1,"device":"cam-1","state":"online","conditions":[],"since":1796023520.5454538,"last_'
        'heard":1796023558.0804675,"restarts":0,"attributes":{"model":"h264 640×360"}}'
    ).encode(),
    "camera/cam-1": (
        b'{"v":1,"camera":"cam-1","state":"learning","since":1796023520.5459,"mode":"colour","troubl'
        b'es":[],"looked_at":1796023500.0,"codec":"h264","width":640,"height":360,"fps":0.0,"accepte'
        b'd_by":"","accepted_at":null}'
    ),
}
