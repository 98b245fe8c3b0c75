"""
What runs in the background: the workers by queue, their arguments, and the hardened Oban beneath them.

May import `monitoring` and everything below it; imported by `web`, `sandbox`, `settings` and above; only this package
imports oban. To add a worker, write a class like this in the module of its queue and one line in
`tests/worker_names.txt` (its import path is stored in every job, so once released it never moves):

    class CountWordsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        text: str

    class CountWords(Worker[CountWordsArgs], queue="maintenance"):
        '''Count the words of a text.'''

        async def run(self, job: JobContext[CountWordsArgs]) -> Outcome | None:
            count = len(job.args.text.split())
            return Done(message=f"{count} words")

An error that `run` raises becomes an outcome in `cinegraph.jobs.outcome`, nowhere else.
"""
