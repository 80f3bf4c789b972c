"""Stands in for the Azure CLI: ``az account get-access-token``. The emulator says whether somebody is signed in.

Run as a program of its own, with the emulator's URL and its CA's certificate before az's own arguments.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def main(url: str, bundle: str, arguments: list[str]) -> int:
    if arguments[:2] != ["account", "get-access-token"]:
        print(json.dumps({"azure-cli": "2.60.0"}))
        return 0
    named = dict(zip(arguments[2::2], arguments[3::2], strict=False))
    resource = named.get("--resource") or named.get("--scope", "").removesuffix("/.default")
    try:
        query = urllib.parse.urlencode({"resource": resource, "tenant": named.get("--tenant", "")})
        token = _token(f"{url}/az/token?{query}", bundle)
    except urllib.error.HTTPError:
        print("ERROR: Please run 'az login' to setup account.", file=sys.stderr)
        return 1
    ends = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.localtime(token["expires_on"]))
    print(json.dumps({**token, "expiresOn": ends, "tokenType": "Bearer"}))
    return 0


def _token(url: str, bundle: str) -> dict[str, object]:
    request = urllib.request.urlopen(url, context=ssl.create_default_context(cafile=bundle), timeout=30)
    with request as answer:
        return dict(json.load(answer))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
