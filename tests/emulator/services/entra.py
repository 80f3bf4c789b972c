"""Microsoft Entra ID: tokens for service principals, managed identities, and people with a device code."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from html import escape
from typing import Any
from urllib.parse import urlsplit

import jwt
from werkzeug.wrappers import Response

from tests.emulator.authority import LOGIN_HOST
from tests.emulator.routing import Call, Route
from tests.emulator.tokens import TENANT, USER, USER_ID
from tests.emulator.wire import answer


def instances(call: Call) -> Response:
    """Whether an authority is to be trusted: MSAL asks it of the public cloud."""
    endpoint = urlsplit(call.request.args["authorization_endpoint"])
    tenant = endpoint.path.split("/")[1] or TENANT
    url = f"https://{LOGIN_HOST}/{tenant}/v2.0/.well-known/openid-configuration"
    alias = {"preferred_network": endpoint.netloc, "preferred_cache": endpoint.netloc, "aliases": [endpoint.netloc]}
    return answer({"tenant_discovery_endpoint": url, "api-version": "1.1", "metadata": [alias]})


def configuration(call: Call, tenant: str) -> Response:
    """OpenID's description of the endpoints below."""
    url = f"https://{LOGIN_HOST}/{tenant}"
    return answer(
        {
            "issuer": f"{url}/v2.0",
            "authorization_endpoint": f"{url}/oauth2/v2.0/authorize",
            "token_endpoint": f"{url}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{url}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{url}/discovery/v2.0/keys",
        }
    )


def device_code(call: Call, tenant: str) -> Response:
    """Starts a sign-in that a person confirms elsewhere: see `Emulator.sign_in`."""
    url = f"https://{LOGIN_HOST}/device"
    code = "EMUL-ATOR"
    text = f"To sign in, use a web browser to open the page {url} and enter the code {code} to authenticate."
    return answer(
        {
            "device_code": "device-code",
            "user_code": code,
            "verification_uri": url,
            "expires_in": 900,
            "interval": 1,
            "message": text,
        }
    )


def authorize(call: Call, tenant: str) -> Response:
    """The sign-in page of the browser: whoever opens it is signed in, and sends the code on to who asked."""
    args, emulator = call.request.args, call.emulator
    code = secrets.token_urlsafe(16)
    emulator.nonces[code] = args.get("nonce", "")
    fields = {"code": code, "state": args.get("state", ""), "client_info": _client_info()}
    inputs = "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in fields.items())
    form = f'<form method="post" action="{escape(args["redirect_uri"])}">{inputs}</form>'
    return Response(f"{form}<script>document.forms[0].submit()</script>", mimetype="text/html")


def token(call: Call, tenant: str) -> Response:
    """A token for whatever grant is good."""
    form, emulator = call.request.form, call.emulator
    grant = form.get("grant_type", "")
    if grant == "client_credentials" and not _is_the_service_principal(call):
        return _refused("invalid_client", "AADSTS7000215: Invalid client secret provided.")
    if "device_code" in grant and not emulator.signed_in:
        return _refused("authorization_pending", "AADSTS70016: Authorization is pending.", status=400)
    if grant == "refresh_token" and form.get("refresh_token") != "refresh-token":
        return _refused("invalid_grant", "AADSTS70000: The refresh token is not valid.", status=400)
    if grant == "authorization_code" and form.get("code") not in emulator.nonces:
        return _refused("invalid_grant", "AADSTS70008: The code is not valid.", status=400)
    audience = (form.get("scope") or form.get("resource") or "").split(" ")[0].removesuffix("/.default")
    person = grant != "client_credentials"
    found: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": int(emulator.tokens.lifetime_s),
        "access_token": emulator.tokens.issue(audience),
    }
    if person:
        nonce = emulator.nonces.pop(form.get("code", ""), None)
        found |= {
            "refresh_token": "refresh-token",
            "id_token": emulator.tokens.issue(form.get("client_id", ""), nonce=nonce),
            "client_info": _client_info(),
            "scope": form.get("scope", ""),
        }
    return answer(found)


def _is_the_service_principal(call: Call) -> bool:
    """By its secret, or by a JWT that its certificate's key has signed."""
    form, emulator = call.request.form, call.emulator
    if "client_assertion" not in form:
        return form.get("client_secret") == emulator.client_secret
    try:
        claims = jwt.decode(
            form["client_assertion"],
            emulator.public_key,
            algorithms=["RS256", "PS256"],
            options={"verify_aud": False},
        )
    except jwt.PyJWTError:
        return False
    return bool(claims["sub"] == emulator.client_id)


def managed_identity(call: Call) -> Response:
    """A token for the machine that asks, as App Service and compute instances give it."""
    emulator = call.emulator
    if call.request.headers.get("X-IDENTITY-HEADER") != emulator.identity_header:
        return _refused("unauthorized", "The identity header is wrong.", status=403)
    audience = call.request.args.get("resource", "")
    claims = {"access_token": emulator.tokens.issue(audience), "resource": audience, "token_type": "Bearer"}
    return answer({**claims, "expires_on": str(emulator.tokens.expires_on()), "client_id": USER_ID})


def azure_cli(call: Call) -> Response:
    """A token for the person who is signed in at the Azure CLI: `tests.emulator.az` asks."""
    emulator = call.emulator
    emulator.az_tenants.append(call.request.args["tenant"])
    if not emulator.az_signed_in:
        return _refused("interaction_required", "Nobody is signed in.")
    token, ends = emulator.tokens.issue(call.request.args["resource"]), emulator.tokens.expires_on()
    return answer(
        {"accessToken": token, "expires_on": ends, "tenant": TENANT, "subscription": emulator.subscription_id}
    )


def _refused(code: str, text: str, status: int = 401) -> Response:
    return answer({"error": code, "error_description": text, "error_codes": []}, status)


def _client_info() -> str:
    return urlsafe_b64encode(f'{{"uid":"{USER_ID}","utid":"{TENANT}","name":"{USER}"}}'.encode()).decode().rstrip("=")


ROUTES = (
    Route("entra.instances", "GET", "/common/discovery/instance", instances, open=True),
    Route("entra.configuration", "GET", "/<tenant>/v2.0/.well-known/openid-configuration", configuration, open=True),
    Route("entra.device_code", "POST", "/<tenant>/oauth2/v2.0/devicecode", device_code, open=True),
    Route("entra.authorize", "GET", "/<tenant>/oauth2/v2.0/authorize", authorize, open=True),
    Route("entra.token", "POST", "/<tenant>/oauth2/v2.0/token", token, open=True),
    Route("entra.token", "POST", "/<tenant>/oauth2/token", token, open=True),
    Route("entra.managed_identity", "GET", "/msi/token", managed_identity, open=True),
    Route("entra.azure_cli", "GET", "/az/token", azure_cli, open=True),
)
