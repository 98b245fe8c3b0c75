"""
Oban for Python 0.7.0, hardened: everything that touches its private parts is here, one module a subject.

`node.JobEngine` is the way in. `hooks` lists what is replaced, `tests/integration/jobs/engine` shows each defect and
that it is gone, so an upgrade of oban shows at once what can be removed. May import `db` and below, and of `jobs` only
`attempts`, `outcome`, `settings` and `worker`; imported by the rest of `jobs`. To replace one more part, add a module
and a line to `hooks.HOOKS`, with a contract test.
"""
