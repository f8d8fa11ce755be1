import { expect, test } from 'vitest'
import type { Conclusion } from '../../src/report/report.ts'
import { headline } from '../../src/summary/headline.ts'
import { kinds } from './kinds.ts'
import type { Ran } from './mirror.ts'
import type { WrittenReport } from './written-report.ts'

/** What each kind comes to: its conclusion, its sign, its headline, and what a person has to do. */
const expected: Readonly<
  Record<
    string,
    {
      readonly conclusion: Conclusion
      readonly sign: string
      readonly says: RegExp
      readonly todo: readonly RegExp[]
    }
  >
> = {
  quiet: {
    conclusion: 'ok',
    sign: '✅',
    says: /^Up to date: the node has all 1,320 CIDs pinned in 11 buckets$/,
    todo: [],
  },
  busy: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /^300 CIDs were pinned on the node; 12 could not be$/,
    todo: [/^Upload 3 CIDs again, or delete their requests/],
  },
  first: {
    conclusion: 'ok',
    sign: '✅',
    says: /^660 CIDs were pinned on the node; nothing is missing$/,
    todo: [],
  },
  bad: {
    conclusion: 'error',
    sign: '❌',
    says: /^`curate-v2` could not be listed: its token is refused$/,
    todo: [
      /^Renew the token of curate-v2/,
      /^Make 2 new delegates known/,
      /^Give up 60 CIDs, or mend them/,
      /^Upload 7 CIDs again/,
    ],
  },
  'service-down': {
    conclusion: 'error',
    sign: '❌',
    says: /^None of the 11 buckets could be listed: \S+ cannot be reached$/,
    todo: [/^Check that this runner can reach endpoint/],
  },
  'node-down': {
    conclusion: 'error',
    sign: '❌',
    says: /^The node does not answer$/,
    todo: [/^Start the node, or correct node-url/],
  },
  'bad-input': {
    conclusion: 'error',
    sign: '❌',
    says: /^`buckets` is empty, and 2 more errors$/,
    todo: [/^Correct the workflow/],
  },
  'out-of-time': {
    conclusion: 'out-of-time',
    sign: '⏱️',
    says: /^Time ran out: (\d+ CIDs were pinned on the node|nothing was pinned yet), \d+ are left for the next run$/,
    todo: [],
  },
  cancelled: {
    conclusion: 'cancelled',
    sign: '⏹️',
    says: /^Cancelled after 60 CIDs were pinned on the node$/,
    todo: [],
  },
  dry: {
    conclusion: 'ok',
    sign: '🔎',
    says: /^Dry run: would pin 60 CIDs on the node and send 9 to \S+$/,
    todo: [],
  },
  inspect: {
    conclusion: 'ok',
    sign: '🔎',
    says: /^3 CIDs inspected: the node pins 1, \S+ 2$/,
    todo: [],
  },
  update: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /^\d+ CIDs? (was|were) pinned at \S+; \d+ could not be; \d+ (is|are) on the way$/,
    todo: [],
  },
  both: {
    conclusion: 'ok',
    sign: '✅',
    says: /^60 CIDs were pinned on the node, 12 at \S+; nothing is missing$/,
    todo: [],
  },
  verified: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /^1 pinned CID is broken on the node$/,
    todo: [/^Heal 1 CID with a corrupt block/],
  },
  drop: {
    conclusion: 'ok',
    sign: '⚠️',
    says: /^70 requests vanished from `court`, and are not taken for deleted yet$/,
    todo: [/^Find out whether somebody deleted requests of court/],
  },
}

test.each(kinds)('$name: headline, counts, and what is to be done agree with the report', async (kind) => {
  await using mirror = await kind.start()
  const ran = await kind.run(mirror)
  const { report } = ran
  const { conclusion, sign, says, todo } =
    expected[kind.name] ?? expect.fail('of what is expected there is nothing')
  const said = headline(report)

  expect(report.conclusion).toBe(conclusion)
  expect(said).toMatch(says)
  // The same everywhere.
  expect(plain(ran.summary.split('\n', 1)[0] ?? '')).toBe(`## ${sign} ${said.replaceAll('`', '')}`)
  const fails = conclusion === 'error' || conclusion === 'cancelled'
  expect(ran.log.trimEnd().split('\n').at(-1)).toBe(fails ? `::error::${said}` : said)

  const todos = itemsOf(ran.summary, 'What needs you')
  expect(todos).toEqual(todo.map((one) => expect.stringMatching(one)))
  const isDone = conclusion === 'ok' || conclusion === 'failed-pins' || conclusion === 'out-of-time'
  const isSync = !report.dryRun && report.inspect.length === 0
  expect(ran.summary.includes('Nothing needs you.')).toBe(isDone && isSync && todo.length === 0)
  // Of the last runs this one is the last.
  const marks = / runs ((?:✅|⚠️|❌|⏱️|⏹️)+)<\/sub>/.exec(ran.summary)?.[1]
  if (marks !== undefined) expect(marks.endsWith(sign)).toBe(true)
  const hasDone = [report.backup, report.update].some((one) => (one?.pinned.length ?? 0) > 0)
  expect(ran.summary.includes('- Keeps what was done')).toBe(fails && hasDone)
  checkCounts(ran, report)
})

/** Every figure that the summary shows of CIDs is the report's. */
function checkCounts({ summary }: Ran, report: WrittenReport): void {
  const failed = [report.backup, report.update, report.verify].flatMap((one) => one?.failed ?? [])
  const inFolds = summary.matchAll(/^<details><summary><b>([\d,]+)[^<]* · .*(?:🔁|⛔)/gm)
  expect([...inFolds].reduce((sum, [, n]) => sum + numberIn(n), 0)).toBe(failed.length)
  const [, ofFailed] =
    /^### (?:Not pinned.*|Broken.*|Waiting for their next try): ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(ofFailed)).toBe(failed.length)

  const [, again] = /^- Tries (?:the other )?([\d,]+) CIDs? again/m.exec(summary) ?? []
  const corrupt = failed.filter((one) => one.class === 'corrupt-block').length
  const later = failed.filter(({ retry }) => retry === 'later').length - corrupt
  expect(numberIn(again)).toBe(report.dryRun ? 0 : later)
  const [, hopeless] = /^1\. \*\*Give up ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(hopeless)).toBe(failed.length - corrupt - later)
  const [, toHeal] = /^1\. \*\*Heal ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(toHeal)).toBe(corrupt)
  const [, mended] = /; ([\d,]+) CIDs? mended\.$/m.exec(summary) ?? []
  expect(numberIn(mended)).toBe(report.verify?.mended ?? 0)
  checkBuckets(summary, report)
}

/** The table of buckets, row by row, and that it adds up to what the bars say. */
function checkBuckets(summary: string, report: WrittenReport): void {
  const { buckets, direction, service } = report
  if (report.inspect.length > 0) return
  const shown = bucketRows(summary, service)
  expect(shown.map(({ name }) => name).toSorted()).toEqual(buckets.map(({ name }) => name).toSorted())
  const sum = { atService: 0, onNode: 0, onBoth: 0 }
  for (const { name, onNode, atService, run, notes } of shown) {
    const bucket = buckets.find((one) => one.name === name) ?? expect.fail(`of ${name} nothing is reported`)
    const { standing, listing } = bucket
    const [pinned, sent] = [report.backup, report.update].map(
      (one) => one?.pinned.filter((entry) => entry.bucket === name).length ?? 0,
    )
    const figures = [...run.matchAll(/\+([\d,]+)/g)].map(([, n]) => numberIn(n))
    expect(figures).toEqual([pinned, sent].filter((n) => n !== 0))
    if (standing !== null) for (const side of sides) sum[side] += standing[side]
    const known = /^not listed: ([\d,]+) known from before/.exec(notes)?.[1]
    expect(numberIn(known)).toBe(listing.brokeOff ? (standing?.atService ?? 0) : 0)
    const isKnown = !listing.brokeOff && standing !== null
    const cell = (of: 'atService' | 'onNode') => (isKnown ? shareOf(standing, of) : '–')
    expect(onNode).toBe(direction === 'update' ? '' : cell('atService'))
    expect(atService).toBe(direction === 'backup' ? '' : cell('onNode'))
  }

  const bars = [...summary.matchAll(/\*\*([\d.]+)%\*\* of ([\d,]+) CIDs?(.*? at)?/g)]
  const wholes = { backup: [sum.atService], update: [sum.onNode], both: [sum.atService, sum.onNode] }[
    direction
  ]
  expect(bars.map(([, , whole]) => numberIn(whole))).toEqual(report.standing === null ? [] : wholes)
  expect(bars.map(([, share]) => Number(share))).toEqual(
    report.standing === null ? [] : wholes.map((whole) => Math.floor((1000 * sum.onBoth) / whole) / 10),
  )
}

const sides = ['atService', 'onNode', 'onBoth'] as const
type Standing = Record<(typeof sides)[number], number>

function shareOf(standing: Standing, of: 'atService' | 'onNode'): string {
  return standing.onBoth === standing[of] ? `all ${standing[of]}` : `${standing.onBoth} of ${standing[of]}`
}

/** The rows of all tables of buckets, also of the one that is folded away; a column that is left out is empty. */
function bucketRows(
  summary: string,
  service: string,
): { name: string; onNode: string; atService: string; run: string; notes: string }[] {
  const tables = summary.matchAll(/^\| (Bucket \|.*)\n\|.*\n((?:\| (?:✅|⚠️|❌).*\n)*)/gm)
  return [...tables].flatMap(([, head = '', rows = '']) => {
    const columns = plain(head)
      .split('|')
      .map((one) => one.trim())
    return rows
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => {
        const cells = plain(row).slice(2).split('|')
        const cell = (name: string) =>
          (columns.includes(name) ? (cells[columns.indexOf(name)] ?? '') : '')
            .trim()
            .replaceAll(/\*\*|,(?=\d)/g, '')
        return {
          name: cell('Bucket').split('\u00a0')[1] ?? '',
          onNode: cell('On the node'),
          atService: cell(`At ${service}`),
          run: cell('This run'),
          notes: cell('Notes'),
        }
      })
  })
}

/** What the bold beginnings of a numbered list say, and what follows. */
function itemsOf(summary: string, title: string): string[] {
  const section = summary.split(`### ${title}\n\n`)[1]?.split('\n\n')[0] ?? ''
  return section
    .split('\n')
    .flatMap((line) => (line.startsWith('1. **') ? [plain(line.slice('1. **'.length))] : []))
}

function plain(markdown: string): string {
  return markdown
    .replaceAll(/<\/?(code|wbr)>|`/g, '')
    .replaceAll('&nbsp;', '\u00a0')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

function numberIn(text = '0'): number {
  return Number(text.replaceAll(',', ''))
}
