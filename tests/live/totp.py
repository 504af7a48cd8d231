"""The one-time code of now, as Keystone makes it (RFC 6238): `totp.py`."""

import base64
import hmac
import struct
import time

from seed import CODES

step = struct.pack(">Q", int(time.time()) // 30)
digest = hmac.digest(base64.b32decode(CODES), step, "sha1")
at = digest[-1] & 0xF
print(f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}")
