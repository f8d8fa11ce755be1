/** Loaded before a program: it is killed so many ms after its start as `KILLED_AFTER` says. */
const after = Number(process.env['KILLED_AFTER'])
if (after > 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), after).unref()
