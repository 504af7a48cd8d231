"""Takes the newest token of a user away, the moment a line arrives on stdin: `end_token.py USER`. Says `ready` when it
waits, so that no time is lost when it matters."""

import os
import sys
from pathlib import Path

import openstack

user = sys.argv[1]
admin = openstack.connect(cloud="admin", region_name="near")
admin.authorize()
print("ready", flush=True)
sys.stdin.readline()
tokens = Path(os.environ["SHARELOCK_LIVE"], "tokens", user).read_text().split()
admin.identity.delete("/auth/tokens", headers={"X-Subject-Token": tokens[-1]}).raise_for_status()
