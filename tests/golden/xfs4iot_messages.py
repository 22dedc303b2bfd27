"""XFS4IoT messages as documents and public programs print them, with what they must be read as.

Sources:
- CWA 17852, edition 2021-1, as KAL ATM Software's public framework XFS4IoT_SP-Dev of that year has it:
  MessagePayload.cs (completionCode in the payload), GetServices_g.cs (wss://ATM1:123/xfs4iot/v1.0/CardReader),
  StatusChangedEvent_g.cs (`device` at the top of the payload).
- Later editions, messages 2.0 and 3.0, as the same framework has them: MessageHeader.cs (completionCode,
  errorDescription and an acknowledgement's status in the header, no requestId in unsolicited events),
  PaperThresholdEvent_g.cs; and the specification's own example of Common.Capabilities (AcmeModel42).
The texts are put together from these; none was captured on a terminal.
"""

from __future__ import annotations

import json

from drivers.xfs4iot.envelope import Message

CAPABILITIES = {  # the specification's own example, without the parts that are not read
    "interfaces": [
        {
            "name": "Common",
            "commands": {"CardReader.ReadRawData": {"versions": ["1.3", "2.1", "3.0"]}},
            "events": {"CardReader.MediaInsertedEvent": {"versions": ["1.3", "2.1", "3.0"]}},
            "maximumRequests": 0,
        }
    ],
    "common": {
        "serviceVersion": "1.3.42",
        "deviceInformation": [
            {
                "modelName": "AcmeModel42",
                "serialNumber": "1.0.12.05",
                "revisionNumber": "1.2.3",
                "modelDescription": "Acme Dispenser Model 3",
                "firmware": [
                    {
                        "firmwareName": "Acme Firmware",
                        "firmwareVersion": "1.0.1.2",
                        "hardwareRevision": "4.3.0.5",
                    }
                ],
                "software": [{"softwareName": "Acme Software Name", "softwareVersion": "1.3.0.2"}],
            }
        ],
        "powerSaveControl": False,
        "antiFraudModule": False,
    },
}
SERVICES = {
    "vendorName": "ACME ATM Hardware GmbH",
    "services": [
        {"serviceURI": "wss://ATM1:123/xfs4iot/v1.0/CardReader"},
        {"serviceURI": "wss://ATM1:123/xfs4iot/v1.0/Printer"},
    ],
}

READ = [  # text, and what it is
    (  # CWA 17852 2021-1: the completion code stands in the payload
        '{"header":{"name":"ServicePublisher.GetServices","requestId":1,"type":"completion","version":"1.0"},'
        '"payload":{"completionCode":"success","errorDescription":"",' + json.dumps(SERVICES)[1:] + "}",
        Message(
            "completion",
            "ServicePublisher.GetServices",
            1,
            {"completionCode": "success", "errorDescription": "", **SERVICES},
        ),
    ),
    (  # 2.0/3.0: success is a code that is missing
        '{"header":{"type":"completion","name":"Common.Capabilities","version":"3.0","requestId":12345},'
        f'"payload":{json.dumps(CAPABILITIES)}}}',
        Message("completion", "Common.Capabilities", 12345, CAPABILITIES, "3.0"),
    ),
    (  # 2.0/3.0: a failure, and a payload that is null
        '{"header":{"type":"completion","name":"Common.Status","version":"3.0","requestId":7,'
        '"completionCode":"hardwareError","errorDescription":"Motor"},"payload":null}',
        Message("completion", "Common.Status", 7, {}, "3.0", code="hardwareError", description="Motor"),
    ),
    (  # CWA 17852 2021-1: the same failure
        '{"header":{"name":"Common.Status","requestId":7,"type":"completion","version":"1.0"},'
        '"payload":{"completionCode":"hardwareError","errorDescription":"Motor"}}',
        Message(
            "completion",
            "Common.Status",
            7,
            {"completionCode": "hardwareError", "errorDescription": "Motor"},
            code="hardwareError",
            description="Motor",
        ),
    ),
    (  # accepted: no status
        '{"header":{"type":"acknowledge","name":"Common.Status","version":"1.0","requestId":7}}',
        Message("acknowledge", "Common.Status", 7),
    ),
    (  # 2.0: refused, and no completion will follow
        '{"header":{"type":"acknowledge","name":"Common.Status","version":"2.0","requestId":7,'
        '"status":"tooManyRequests"}}',
        Message("acknowledge", "Common.Status", 7, {}, "2.0", status="tooManyRequests"),
    ),
    (
        '{"header":{"type":"unsolicited","name":"Printer.PaperThresholdEvent","version":"2.0"},'
        '"payload":{"paperSource":"lower","threshold":"out"}}',
        Message(
            "unsolicited",
            "Printer.PaperThresholdEvent",
            None,
            {"paperSource": "lower", "threshold": "out"},
            "2.0",
        ),
    ),
    (
        '{"header":{"type":"event","name":"CardReader.MediaInsertedEvent","version":"2.0","requestId":99}}',
        Message("event", "CardReader.MediaInsertedEvent", 99, {}, "2.0"),
    ),
]

# RFC 6455, 1.3: the key of the example and the accept that answers it.
NONCE, ACCEPT = b"dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
# RFC 6455, 5.7: frames of a server.
HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")
HELLO_IN_TWO = bytes.fromhex("01 03 48 65 6c 80 02 6c 6f")
PING = bytes.fromhex("89 05 48 65 6c 6c 6f")
