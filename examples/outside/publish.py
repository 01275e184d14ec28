"""A program in another language that publishes: plain JSON, on the topic's channel, which has the prefix "wingbeat:".

    python3 examples/outside/publish.py "Hello from Python"

The same by hand: redis-cli PUBLISH wingbeat:news '{"type":"news","id":"1","text":"Hello"}'
A client library for Redis does what the lines with the socket do here, where nothing is to be installed.
"""

import json
import os
import socket
import sys
import urllib.parse
import uuid

url = urllib.parse.urlparse(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
message = json.dumps({"type": "news", "id": str(uuid.uuid4()), "text": sys.argv[1]})
parts = [part.encode() for part in ("PUBLISH", "wingbeat:news", message)]
command = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

with socket.create_connection((url.hostname, url.port or 6379)) as redis:
    redis.sendall(command)
    answer = redis.makefile().readline().strip()
if not answer.startswith(":"):
    sys.exit(f"Redis said: {answer}")
print(f"{answer[1:]} subscribers got it")
