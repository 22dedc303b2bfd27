"""Messages of WS-Discovery and ONVIF, with what they must be read as.

Sources:
- Web Services Dynamic Discovery 1.1 (OASIS, 2009), the examples of Probe Match (a printer's) as they stand;
- ONVIF Core Specification: §7.3.2.2.2 (scopes of an example device), §5.11.2 (a fault's shape), §5.12 (the
  challenges of a device with two algorithms);
- ONVIF Application Programmer's Guide 1.0 (May 2011), §6.1.1.3 (a token's nonce, time, password and digest);
- devicemgmt.wsdl, media.wsdl of ver10 and ver20, and onvif.xsd (elements, their order and namespaces).
Where a paper has no whole message, the texts are put together from these; none was captured on a camera.
Prefixes, default namespaces and white space differ on purpose, as they do from maker to maker.
"""

from __future__ import annotations

from datetime import UTC, datetime

from drivers.camera.onvif_codec import CameraTime, DeviceInformation, Profile

# --- WS-Discovery ---
ASKED = "urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917a"
PRINTER = f"""<s:Envelope xmlns:a="http://www.w3.org/2005/08/addressing"
 xmlns:d="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"
 xmlns:i="http://printer.example.org/2003/imaging" xmlns:s="http://www.w3.org/2003/05/soap-envelope">
  <s:Header>
    <a:Action>http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/ProbeMatches</a:Action>
    <a:MessageID>urn:uuid:e32e6863-ea5e-4ee4-997e-69539d1ff2cc</a:MessageID>
    <a:RelatesTo>
      {ASKED}
    </a:RelatesTo>
    <a:To>http://www.w3.org/2005/08/addressing/anonymous</a:To>
    <d:AppSequence InstanceId="1077004800" MessageNumber="2" />
  </s:Header>
  <s:Body><d:ProbeMatches><d:ProbeMatch>
    <a:EndpointReference>
      <a:Address>urn:uuid:98190dc2-0890-4ef8-ac9a-5940995e6119</a:Address>
    </a:EndpointReference>
    <d:Types>i:PrintBasic i:PrintAdvanced</d:Types>
    <d:Scopes>
      ldap:///ou=engineering,o=examplecom,c=us
      ldap:///ou=floor1,ou=b42,ou=anytown,o=examplecom,c=us
      http://itdept/imaging/deployment/2004-12-04
    </d:Scopes>
    <d:XAddrs>http://prn-example/PRN42/b42-1668-a</d:XAddrs>
    <d:MetadataVersion>75965</d:MetadataVersion>
  </d:ProbeMatch></d:ProbeMatches></s:Body>
</s:Envelope>"""
CAMERA = f"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
 xmlns:wsadis="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<SOAP-ENV:Header>
<wsadis:MessageID>uuid:e32e6863-ea5e-4ee4-997e-69539d1ff2cc</wsadis:MessageID>
<wsadis:RelatesTo>{ASKED}</wsadis:RelatesTo>
<wsadis:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsadis:To>
<wsadis:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsadis:Action>
</SOAP-ENV:Header>
<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>
<wsadis:EndpointReference><wsadis:Address>uuid:98190DC2-0890-4ef8-ac9a-5940995e6119</wsadis:Address>
</wsadis:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>
<d:Scopes>
onvif://www.onvif.org/Profile/Streaming
onvif://www.onvif.org/hardware/D1-566
onvif://www.onvif.org/location/country/china
onvif://www.onvif.org/location/city/bejing
onvif://www.onvif.org/location/building/headquarter
onvif://www.onvif.org/location/floor/R5
onvif://www.onvif.org/name/ARV-453
</d:Scopes>
<d:XAddrs>http://169.254.76.145/onvif/device_service http://192.0.2.24/onvif/device_service</d:XAddrs>
<d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"""

# --- the token ---
TOKEN_USER, TOKEN_PASSWORD = "user", "userpassword"
TOKEN_NONCE = "LKqI6G/AikKCQrN0zqZFlg=="
TOKEN_CREATED = datetime(2010, 9, 16, 7, 50, 45, tzinfo=UTC)
TOKEN_DIGEST = "tuOSpGlFlIXsozq4HFNeeGeFLEI="

# --- HTTP ---
CHALLENGES = tuple(
    f'Digest algorithm={algorithm}, realm="Silvan_http_digest", qop="auth", '
    'nonce="62d82aa9ca59e3a04cd1", opaque="5b6ea228"'
    for algorithm in ("MD5", "SHA-256")
)


# --- SOAP ---
def fault(code: str, *subcodes: str, reason: str) -> str:
    inner = ""
    for each in reversed(subcodes):
        inner = f"<soapenv:Subcode><soapenv:Value>{each}</soapenv:Value>{inner}</soapenv:Subcode>"
    return f"""<?xml version="1.0" ?>
<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope"
 xmlns:ter="http://www.onvif.org/ver10/error" xmlns:xs="http://www.w3.org/2000/10/XMLSchema">
 <soapenv:Body><soapenv:Fault>
  <soapenv:Code><soapenv:Value>{code}</soapenv:Value>{inner}</soapenv:Code>
  <soapenv:Reason><soapenv:Text xml:lang="en">{reason}</soapenv:Text></soapenv:Reason>
  <soapenv:Node>http://www.w3.org/2003/05/soap-envelope/node/ultimateReceiver</soapenv:Node>
  <soapenv:Role>http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver</soapenv:Role>
  <soapenv:Detail><soapenv:Text>fault detail</soapenv:Text></soapenv:Detail>
 </soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


NOT_AUTHORIZED = fault("soapenv:Sender", "ter:NotAuthorized", reason="Sender not Authorized")
NOT_SUPPORTED = fault("soapenv:Receiver", "ter:ActionNotSupported", reason="Optional Action Not Implemented")
NO_PROFILE = fault("soapenv:Sender", "ter:InvalidArgVal", "ter:NoProfile", reason="no such profile")
OLD_FAULT = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>
<faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>"""


def answer(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
        'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl">'
        f"<s:Header/><s:Body>{body}</s:Body></s:Envelope>"
    )


TIME = answer("""<GetSystemDateAndTimeResponse xmlns="http://www.onvif.org/ver10/device/wsdl">
<SystemDateAndTime><DateTimeType xmlns="http://www.onvif.org/ver10/schema">Manual</DateTimeType>
<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>
<tt:UTCDateTime><tt:Time><tt:Hour>7</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>60</tt:Second></tt:Time>
<tt:Date><tt:Year>2024</tt:Year><tt:Month>2</tt:Month><tt:Day>29</tt:Day></tt:Date></tt:UTCDateTime>
<tt:LocalDateTime><tt:Time><tt:Hour>15</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>60</tt:Second></tt:Time>
<tt:Date><tt:Year>2024</tt:Year><tt:Month>2</tt:Month><tt:Day>29</tt:Day></tt:Date></tt:LocalDateTime>
</SystemDateAndTime></GetSystemDateAndTimeResponse>""")
TIME_READ = CameraTime(datetime(2024, 2, 29, 7, 5, 59, tzinfo=UTC), by_ntp=False, zone="CST-8")
DEVICE = answer(
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>海康威视</tds:Manufacturer><tds:Model>DS-2CD2T47</tds:Model>"
    "<tds:FirmwareVersion>V5.5.52 build 180620</tds:FirmwareVersion><tds:SerialNumber>C1</tds:SerialNumber>"
    "<tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse>"
)
DEVICE_READ = DeviceInformation("海康威视", "DS-2CD2T47", "V5.5.52 build 180620", "C1", "88")
SERVICES = answer(
    "<tds:GetServicesResponse>"
    + "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>"
        f"<tds:XAddr>http://192.0.2.24/onvif/{path}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, path in (
            ("ver10/device", "device_service"),
            ("ver10/media", "Media"),
            ("ver20/media", "Media2"),
        )
    )
    + "</tds:GetServicesResponse>"
)
CAPABILITIES = answer(
    "<tds:GetCapabilitiesResponse><tds:Capabilities>"
    "<tt:Device><tt:XAddr>http://192.0.2.24/onvif/device_service</tt:XAddr></tt:Device>"
    "<tt:Media><tt:XAddr>http://192.0.2.24/onvif/Media</tt:XAddr><tt:StreamingCapabilities>"
    "<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP></tt:StreamingCapabilities></tt:Media>"
    "</tds:Capabilities></tds:GetCapabilitiesResponse>"
)
PROFILES = answer("""<trt:GetProfilesResponse>
<trt:Profiles token="Profile_1" fixed="true"><tt:Name>mainStream</tt:Name>
 <tt:VideoSourceConfiguration token="VideoSourceToken"><tt:Name>VideoSourceConfig</tt:Name>
  <tt:UseCount>2</tt:UseCount><tt:SourceToken>VideoSource_1</tt:SourceToken>
  <tt:Bounds height="1080" width="1920" y="0" x="0"/></tt:VideoSourceConfiguration>
 <tt:VideoEncoderConfiguration token="VideoEncoderToken_1"><tt:Name>VideoEncoder_1</tt:Name>
  <tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>
  <tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution>
  <tt:Quality>3.0</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>
   <tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>
  <tt:H264><tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>
 </tt:VideoEncoderConfiguration></trt:Profiles>
<trt:Profiles token="audio"><tt:Name>sound only</tt:Name></trt:Profiles>
</trt:GetProfilesResponse>""")
PROFILES_READ = (
    Profile("Profile_1", "mainStream", "H264", 1920, 1080, 25.0, 4096, "VideoSource_1"),
    Profile("audio", "sound only"),
)
PROFILES2 = answer("""<tr2:GetProfilesResponse><tr2:Profiles token="P1" fixed="true"><tr2:Name>main</tr2:Name>
<tr2:Configurations>
<tr2:VideoSource token="VS"><tt:SourceToken>VideoSource_1</tt:SourceToken></tr2:VideoSource>
<tr2:VideoEncoder token="VE" GovLength="50" Profile="Main"><tt:Name>e</tt:Name><tt:Encoding>H265</tt:Encoding>
<tt:Resolution><tt:Width>3840</tt:Width><tt:Height>2160</tt:Height></tt:Resolution>
<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>12.5</tt:FrameRateLimit>
<tt:BitrateLimit>8192</tt:BitrateLimit></tt:RateControl><tt:Quality>3</tt:Quality></tr2:VideoEncoder>
</tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>""")
PROFILES2_READ = (Profile("P1", "main", "H265", 3840, 2160, 12.5, 8192, "VideoSource_1"),)
STREAM = answer(
    "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://192.0.2.24:554/Streaming/Channels/101?a=1&amp;b=2</tt:Uri>"
    "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
    "<tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
)
STREAM_READ = "rtsp://192.0.2.24:554/Streaming/Channels/101?a=1&b=2"
STREAM2 = answer(
    "<tr2:GetStreamUriResponse><tr2:Uri>rtsp://192.0.2.24/2</tr2:Uri></tr2:GetStreamUriResponse>"
)
SNAPSHOT = answer(
    "<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>http://192.0.2.24/snap.jpg</tt:Uri></trt:MediaUri>"
    "</trt:GetSnapshotUriResponse>"
)
