import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import type { Mirror, Ran } from './mirror.ts'
import type { WrittenReport } from './written-report.ts'

/**
 * What holds after every run, whatever its scenario is about.
 * @param run whether it was given a defect, and whether it was to look at some CIDs, be it with bad inputs
 */
export function checkRules(
  ran: Ran,
  mirror: Mirror,
  { mayBeDefect, isInspection }: { readonly mayBeDefect: boolean; readonly isInspection: boolean },
): void {
  checkSecrets(ran, mirror)
  checkCommands(ran)
  checkPins(ran)
  checkHandedOver(ran)
  if (ran.exitCode === null) return
  checkReport(ran, isInspection)
  checkWrites(ran)
  // A defect of ours shows its stack.
  if (!mayBeDefect) expect(JSON.stringify(ran.report.errors)).not.toContain('    at ')
}

/** Secrets reach the runner to be masked, and the server they belong to; nobody else. */
function checkSecrets(ran: Ran, mirror: Mirror): void {
  const { cluster, github, heartbeat, node, service } = ran.asked
  const seen = {
    log: ran.log.replace(/^::add-mask::.*$/gm, ''),
    summary: ran.summary,
    outputs: JSON.stringify(ran.outputs),
    report: ran.exitCode === null ? '' : JSON.stringify(ran.report),
    snapshot: existsSync(mirror.workspace) ? filesBelow(mirror.workspace) : '',
    issues: JSON.stringify(mirror.github.issues),
    'requests to GitHub': github.map(({ body, path }) => path + body).join('\n'),
    'requests to the node': JSON.stringify(node.map(({ path, query, body }) => [path, [...query], body])),
    'requests to the cluster': JSON.stringify(
      cluster.map(({ path, query, body }) => [path, [...query], body]),
    ),
    'requests to the service': JSON.stringify(
      service.map(({ path, query, body }) => [path, [...query], body]),
    ),
    'requests to the monitor': JSON.stringify(heartbeat.map(({ headers, body }) => [headers, body])),
  }
  for (const [where, text] of Object.entries(seen))
    for (const secret of mirror.secrets)
      expect(text.includes(secret), `${secret} is in the ${where}`).toBe(false)
}

/** Bytes as they are, so that a database can be searched too. */
function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

/** A backup never writes to the service, and nothing is ever unpinned there. */
function checkWrites({ asked, report }: Ran): void {
  const writes = asked.service.filter(({ method }) => method !== 'GET')
  expect(writes.filter(({ method }) => method !== 'POST')).toEqual([])
  if (report.direction === 'backup' || report.dryRun) expect(writes).toEqual([])
}

/** The runner obeys what looks like a command: only our own may. */
function checkCommands({ log }: Ran): void {
  const obeyed = log.split(/\r?\n/).flatMap((line) => /^\s*::([\w-]+)|##\[(\w+)/.exec(line)?.slice(1) ?? [])
  const own = ['add-mask', 'debug', 'group', 'endgroup', 'warning', 'error', undefined]
  expect(obeyed.filter((command) => !own.includes(command))).toEqual([])
}

/** Nothing is ever added without having looked right before: adding what is pinned puts the pin at risk. */
function checkPins({ asked }: Ran): void {
  const looked = new Set<string>()
  for (const { path, query } of asked.node) {
    const key = parseCid(query.get('arg') ?? '')?.key
    if (key === undefined) continue
    if (path === '/api/v0/pin/ls') looked.add(key)
    if (path !== '/api/v0/pin/add') continue
    expect(looked.delete(key), 'looked whether it is pinned before each try').toBe(true)
    expect(Buffer.byteLength(query.get('name') ?? '')).toBeLessThanOrEqual(255)
  }
}

/** A cluster is asked and given; nothing is unpinned, and nothing given that was not looked for right before. */
function checkHandedOver({ asked }: Ran): void {
  const looked = new Set<string>()
  for (const { method, path, query } of asked.cluster) {
    expect(['GET', 'POST']).toContain(method)
    for (const cid of (query.get('cids') ?? '').split(',')) {
      const key = parseCid(cid)?.key
      if (method === 'GET' && key !== undefined) looked.add(key)
    }
    const key = /^\/pins\/[^/]+$/.test(path) ? parseCid(path.slice('/pins/'.length))?.key : undefined
    if (method !== 'POST' || key === undefined) continue
    expect(looked.has(key), 'looked whether the cluster has it before it is given').toBe(true)
    expect(Buffer.byteLength(query.get('name') ?? '')).toBeLessThanOrEqual(255)
  }
}

function checkReport({ report, outputs, exitCode, summary, log }: Ran, isInspection: boolean): void {
  const { conclusion, backup, update, errors, node } = report
  expect(exitCode === 0, `exit code ${exitCode} after ${conclusion}:\n${log}`).toBe(
    !['error', 'cancelled'].includes(conclusion) && !/^::error::/m.test(log),
  )
  expect(errors.length > 0).toBe(conclusion === 'error')
  expect(outputs['conclusion']).toBe(conclusion)
  expect(summary).toMatch(/^## /)
  // It is among those that are remembered, unless it mirrored nothing.
  if (!report.dryRun && !isInspection)
    expect(report.history.at(-1)).toMatchObject({ startedAt: report.startedAt, conclusion })
  const directions = [backup, update].filter((one) => one !== null)
  if (directions.length === 0) return
  for (const one of directions) {
    const unsent = 'unsent' in one ? (one as NonNullable<WrittenReport['update']>).unsent.length : 0
    const unlisted = Object.values(one.unlisted ?? {}).reduce((total, more) => total + more, 0)
    const listed = one.pinned.length + one.failed.length + one.pending.length + unsent
    expect(one.missing).toBe(listed + unlisted)
    // Only where the runner is about to kill it.
    expect(unlisted === 0 || ['cancelled', 'error'].includes(conclusion)).toBe(true)
  }
  const sum = (of: (one: NonNullable<WrittenReport['backup']>) => number) =>
    directions.reduce((total, one) => total + of(one), 0)
  const counts = {
    missing: sum(({ missing }) => missing),
    pinned: sum(({ pinned, unlisted }) => pinned.length + (unlisted?.pinned ?? 0)),
    failed: sum(({ failed, unlisted }) => failed.length + (unlisted?.failed ?? 0)),
    pending: sum(({ pending, unlisted }) => pending.length + (unlisted?.pending ?? 0)),
  }
  // What is missing is not known, and so not called 0, where the node was not listed.
  for (const [name, count] of Object.entries(counts))
    expect(outputs[name]).toBe(node === null ? '' : String(count))
}
