"""Doing actions: arguments from path and body, the role, the deed, the audit log, the answer."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import msgspec
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cinegraph.api import Cinegraph
from cinegraph.errors import CinegraphError, UsageError
from cinegraph.web.actions import ACTIONS
from cinegraph.web.actions.action import Action, ActionRequest, Outcome
from cinegraph.web.arguments import convert
from cinegraph.web.problems import Problem
from cinegraph.web.rendering import Renderer
from cinegraph.web.security.access import Visitor
from cinegraph.web.security.rules import judge_role
from cinegraph.web.troubles import Troubles, explain

LONGEST_BODY_BYTES = 256 * 1024
"""Of what a person or program tells us: ten thousand ids."""
_FLASH = "cinegraph_flash"
_FLASH_SECONDS = 30
_CONFIRMED = "_confirmed"
_FROM = "_from"


class Actor:
    """Does what a form or a program asks for, once the guard has let it through."""

    def __init__(
        self,
        c: Cinegraph,
        renderer: Renderer,
        troubles: Troubles,
        *,
        note_change: Callable[[], None],
    ) -> None:
        self._c = c
        self._note_change = note_change
        self._renderer = renderer
        self._troubles = troubles
        # Of this process: a message outlives no restart.
        self._flashes = URLSafeTimedSerializer(secrets.token_hex(), salt="flash")

    def form_routes(self) -> list[Route]:
        """Return where forms are sent."""
        return [
            Route(action.path, self._serve_form(action), methods=["POST"])
            for action in ACTIONS
        ]

    def machine_routes(self, prefix: str) -> list[Route]:
        """Return where programs send the same."""
        return [
            Route(prefix + action.path, self._serve_machine(action), methods=["POST"])
            for action in ACTIONS
        ]

    def take_flash(self, request: Request) -> str | None:
        """Return what is to be said once on the next page."""
        try:
            return str(
                self._flashes.loads(
                    request.cookies.get(_FLASH, ""), max_age=_FLASH_SECONDS
                )
            )
        except BadSignature:
            return None

    @staticmethod
    def forget_flash(response: Response) -> None:
        """It was said."""
        response.delete_cookie(_FLASH)

    def _serve_form(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            form = await _read_form(request)
            back = _local_path(form.pop(_FROM, ["/"])[-1])
            is_confirmed = bool(form.pop(_CONFIRMED, []))
            if (problem := await self._refusal(request, action, form)) is not None:
                return self._troubles.show(request, problem)
            if action.confirm is not None and not is_confirmed:
                return self._ask(request, action, form, back)
            outcome, problem = await self._do(request, action, form)
            if problem is not None:
                return self._troubles.show(request, problem)
            response = RedirectResponse(outcome.to or back, 303)
            response.set_cookie(
                _FLASH,
                self._flashes.dumps(outcome.message),
                max_age=_FLASH_SECONDS,
                httponly=True,
                samesite="strict",
            )
            return response

        return serve

    def _serve_machine(
        self, action: Action
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            given = await _read_json(request)
            if (problem := await self._refusal(request, action, given)) is not None:
                return self._troubles.show(request, problem)
            outcome, problem = await self._do(request, action, given, is_strict=True)
            if problem is not None:
                return self._troubles.show(request, problem)
            body = msgspec.json.encode(outcome)
            return Response(body, media_type="application/json")

        return serve

    async def _refusal(
        self, request: Request, action: Action, given: Mapping[str, Any]
    ) -> Problem | None:
        """Return why whoever asks may not, and write that down."""
        visitor: Visitor = request.scope["visitor"]
        refusal = judge_role(visitor, action.role)
        if refusal is None:
            return None
        problem = Problem(
            title=refusal.title, status=refusal.status, detail=refusal.detail
        )
        await self._note(
            visitor,
            action,
            {**request.path_params, **given},
            Outcome(message=refusal.title, things=0),
            "refused",
        )
        return problem

    async def _do(
        self,
        request: Request,
        action: Action,
        given: Mapping[str, Any],
        *,
        is_strict: bool = False,
    ) -> tuple[Outcome, Problem | None]:
        visitor: Visitor = request.scope["visitor"]
        told: Mapping[str, Any] = {**given, **request.path_params}
        try:
            if is_strict:
                _require_known(given, request.path_params, action.arguments)
            arguments = convert(_flat(told, action.arguments), action.arguments)
            told = msgspec.to_builtins(arguments)
            outcome = await action.do(ActionRequest(self._c, visitor), arguments)
            self._note_change()
        except CinegraphError as error:
            problem = explain(error)
            failed = Outcome(message=problem.detail, things=0)
            await self._note(visitor, action, told, failed, error.code)
            return failed, problem
        await self._note(visitor, action, told, outcome, None)
        return outcome, None

    async def _note(
        self,
        visitor: Visitor,
        action: Action,
        arguments: Mapping[str, Any],
        outcome: Outcome,
        error_code: str | None,
    ) -> None:
        await self._c.note_action(
            action.key,
            who=visitor.name,
            role=visitor.role.name.lower(),
            arguments=arguments,
            outcome=outcome.message,
            things=outcome.things,
            error_code=error_code,
        )

    def _ask(
        self, request: Request, action: Action, form: Mapping[str, list[str]], back: str
    ) -> Response:
        fields = [(name, text) for name, texts in form.items() for text in texts]
        values = {
            "action": action,
            "path": request.url.path,
            "fields": [*fields, (_FROM, back), (_CONFIRMED, "1")],
            "back": back,
        }
        return self._renderer.plain("confirm.html", 200, values)


async def _read_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY_BYTES:
            raise UsageError(
                f"more than {LONGEST_BODY_BYTES // 1024} KiB were sent",
                hint="Send less at once.",
            )
    return body


async def _read_form(request: Request) -> dict[str, list[str]]:
    text = (await _read_body(request)).decode("utf-8", "replace")
    return parse_qs(text, keep_blank_values=False, max_num_fields=10_000)


async def _read_json(request: Request) -> dict[str, Any]:
    body = await _read_body(request)
    if not body.strip():
        return {}
    try:
        # Not floats, which name no thing: 9007199254740993 would come out as another number.
        return msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"the body is no JSON object: {error}", hint="Send {} or no body."
        ) from None


def _require_known(
    given: Mapping[str, Any], path: Mapping[str, Any], kind: type[msgspec.Struct]
) -> None:
    """Refuse fields that an action does not have, or that its path says already (UsageError)."""
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    known = [name for name in names if name not in path]
    unknown = [name[:100] for name in given if name not in known]
    if unknown:
        raise UsageError(
            f"there is no field {', '.join(map(repr, unknown[:5]))}",
            hint=f"Known are: {', '.join(known) or 'none'}.",
        )


def _flat(given: Mapping[str, Any], kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return values as they are meant: of a form's field the last, unless the argument is a list; unknown ones go."""
    values = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in given:
            continue
        value = given[field.encode_name]
        is_many = getattr(field.type, "__origin__", None) in {list, tuple, frozenset}
        values[field.encode_name] = (
            value[-1] if isinstance(value, list) and not is_many and value else value
        )
    return values


def _local_path(text: str) -> str:
    """Return where to go back to; never another site."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_local and text.isprintable() else "/"
