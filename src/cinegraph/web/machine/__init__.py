"""
What machines read: `/api/v1` and its OpenAPI, `/metrics`, `/healthz`, `/readyz`; and `/hooks`, by which they tell us.

| Where | What lives there |
|---|---|
| `endpoint` | what an endpoint is, and what its function gets |
| `endpoints` | all of them, from the modules of their subjects beside it |
| `v1` | endpoints as routes: arguments in, JSON out |
| `openapi`, `describing`, `examples` | the description of the API, made from endpoints, actions and their types |
| `metrics`, `exposing` | every metric as data, and how they are written |
| `routing` | every route for machines |
| `health`, `readiness` | whether this process, and what it needs, is well |
| `hooks`, `news` | signed news of films from elsewhere |

Imported by `web.app`. To add an endpoint, write a function and a row of `ENDPOINTS` in the module of its subject.
"""
