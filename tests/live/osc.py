"""Commands of the openstack client, one after the other in one process, for it takes seconds to load: their
arguments come as lists in JSON on stdin; their exit status and what they print go back the same way."""

import contextlib
import io
import json
import sys

from openstackclient import shell

ran = []
for command in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = shell.main(command)
    ran.append({"status": status, "out": out.getvalue()})
print(json.dumps(ran))
