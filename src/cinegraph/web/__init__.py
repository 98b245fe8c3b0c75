"""
HTTP in: the dashboard, its JSON API, metrics and health; thin views of `cinegraph.api`, as the commands are.

| Where | What lives there |
|---|---|
| `app` | all routes in one application, and what each request passes |
| `serving` | the server: addresses, signals, an end within a second |
| `security` | who may do what, from where: decided by pure functions, kept by one guard |
| `readings`, `kept` | what is read, each kept for a moment so that a hundred viewers cost as much as one |
| `arguments` | what people and programs send, as structs |
| `troubles`, `problems` | errors as people and machines read them |
| `live` | "something changed", to every open page |
| `pages` | a module a subject: what a page reads and shows; its template beside in `templates/pages` |
| `actions` | what a person may do, as data: the same for a form and for the API |
| `machine` | `/api/v1`, its OpenAPI, `/metrics`, `/healthz`, `/readyz`, `/hooks` |
| `static` | styles and scripts, ours and others' (`vendored.toml`), each served under its hash |

Imports `api` and below; imported by `cli` alone. To add a page, write a function with `@page` in the module of its
subject, and its template; to add an action, a row of `ACTIONS` in the module of its subject.
"""
