import { NamedRequests } from '../../../src/issue/failed-requests/named-requests.ts'
import type { Tracked } from '../../../src/issue/tracked.ts'
import type { BucketReport, FailedEntry, Report } from '../../../src/report/report.ts'

/** Outside text that tries to come alive in Markdown, in HTML, in a log or in GitHub's own links. */
export const hostileTexts = [
  '`code` ``more``',
  'a | b || c',
  'line\nbreak\r\nand\u2028more\u0085',
  '</code></td></table><img src=x onerror=alert(1)><script>',
  '<!-- --> <!-- ipfs-pin-mirror: 0 -->',
  '@org/team @someone',
  'a@example.com mailto:a@example.com',
  'https://example.com www.example.com xmpp:a@b.c',
  '#1 GH-1 org/repo#1 0123456789012345678901234567890123456789',
  '::error::boo',
  '  \t\u00a0::set-output name=x::y',
  'text ##[error]boo ###[x]',
  '\u001b[31mred\u001b[0m \u009b31m \u0000',
  '\u202eRTL\u202c \u2066x\u2069 \u200f',
  'zero\u200bwidth\ufeff\u00ad\u2060',
  '**bold** _em_ ~~gone~~ [link](javascript:x) ![image](x) $math$ &amp; &#64; \\| \\',
  '# heading',
  '- item',
  '```\nfence',
  '\ud800 lone',
  '',
]

export function failure(index: number, over: Partial<FailedEntry> = {}): FailedEntry {
  return {
    cid: `bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55${String(index).padStart(6, '0')}`,
    name: `photo ${index}.jpg`,
    bucket: 'photos',
    reason: 'no progress for 2 minutes',
    class: 'stalled',
    retry: 'later',
    attempts: 3,
    firstFailedAt: '2026-11-20T08:13:20.000Z',
    nextAttemptAt: '2026-11-22T20:00:00.000Z',
    ...over,
  }
}

export function bucket(over: Partial<BucketReport> = {}): BucketReport {
  return {
    name: 'photos',
    cids: 12_345,
    onNode: 12_338,
    standing: { atService: 12_340, onNode: 12_343, onBoth: 12_340 },
    requests: { queued: 0, pinning: 3, pinned: 12_340, failed: 4 },
    invalid: [],
    moreInvalid: 0,
    listing: {
      mode: 'incremental',
      complete: true,
      brokeOff: false,
      httpRequests: 4,
      added: 12,
      removed: 1,
      changed: 2,
      vanished: 0,
      drops: [],
      droppedAt: null,
      believedFrom: null,
      notes: [],
    },
    failedRequests: [],
    ...over,
  }
}

export function report(over: Partial<Report> = {}): Report {
  return {
    version: 1,
    direction: 'backup',
    dryRun: false,
    service: 'Filebase',
    startedAt: '2026-11-22T17:03:31.000Z',
    finishedAt: '2026-11-22T17:06:35.000Z',
    conclusion: 'ok',
    errors: [],
    warnings: [],
    node: {
      kind: 'kubo',
      version: '0.42.0',
      peerId: '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
      pins: 12_400,
      believed: true,
      believedFrom: null,
      onlyHereProved: true,
      onlyHere: 0,
      onlyHereExamples: [],
      peers: null,
      replication: null,
    },
    buckets: [bucket()],
    standing: null,
    account: null,
    backup: { missing: 0, ignored: 0, resting: 0, pinned: [], failed: [], pending: [] },
    storage: null,
    update: null,
    verify: null,
    manifest: null,
    leftBy: [],
    delegates: {
      known: [],
      unknown: [],
      peered: [],
      saved: null,
      leftOut: { addresses: 0, peers: 0, notPublic: 0 },
    },
    inspect: [],
    history: [],
    inStepSince: null,
    failing: null,
    ...over,
  }
}

const none = { reasons: 0, cids: 0 }
const noFailures = {
  alike: [],
  others: { backup: none, update: none, verify: none, request: none },
  places: [],
}

/** @param over.failedRequests also as the CIDs alone */
export function tracked({
  failedRequests = [],
  ...over
}: Partial<Omit<Tracked, 'failedRequests'>> & {
  readonly failedRequests?: NamedRequests | readonly string[]
} = {}): Tracked {
  return {
    failing: null,
    failures: noFailures,
    ledgerDigest: '',
    departed: [],
    failedRequests: failedRequests instanceof NamedRequests ? failedRequests : namedRequests(failedRequests),
    unknownDelegates: [],
    knownDelegates: [],
    doubts: [],
    troubledPeers: [],
    unmirrored: [],
    sight: 'whole',
    knows: () => false,
    newerThan: async () => ({ failures: noFailures, cids: [] }),
    ...over,
  }
}

function namedRequests(cids: readonly string[]): NamedRequests {
  const named = new NamedRequests()
  for (const cid of cids) named.add(cid)
  return named
}

export const knownDelegate = {
  peerId: '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  addrs: [
    '/dns4/ipfs-pin-0.vin1.filebase.io/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  ],
  otherAddrs: [],
}

export const unknownDelegate = {
  peerId: '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
  addrs: [
    '/dns4/ipfs-pin-9.example.net/tcp/4001/p2p/12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
    '/ip4/198.51.100.7/udp/4001/quic-v1/p2p/12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
  ],
  buckets: ['photos'],
  firstSeenAt: '2026-11-21T10:00:00.000Z',
  lastSeenAt: '2026-11-22T17:03:31.000Z',
  exampleCid: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
}

/** A run that met everything at once. */
export function busyReport(): Report {
  return report({
    direction: 'both',
    conclusion: 'failed-pins',
    buckets: [
      bucket(),
      bucket({
        name: 'documents',
        listing: {
          mode: 'full',
          complete: true,
          brokeOff: false,
          httpRequests: 38,
          added: 0,
          removed: 0,
          changed: 0,
          vanished: 1_512,
          drops: [
            {
              vanished: 1512,
              droppedAt: '2026-11-22T17:04:00.000Z',
              believedFrom: '2026-11-23T17:04:00.000Z',
            },
          ],
          droppedAt: '2026-11-22T17:04:00.000Z',
          believedFrom: '2026-11-23T17:04:00.000Z',
          notes: ['1,512 of 9,000 requests are no longer listed; a later run has to confirm it'],
        },
        invalid: [{ requestid: 'cmVxdWVzdC0x', cid: 'not-a-cid', problem: 'pin.cid: is no CID' }],
        failedRequests: [
          {
            requestid: 'cmVxdWVzdC0y',
            cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
            name: 'readme',
            reason: 'Exceeded Max Attempts (11)',
            class: 'gave-up',
            created: '2026-10-01T12:00:00-04:00',
          },
        ],
      }),
    ],
    node: {
      kind: 'kubo',
      version: '0.42.0',
      peerId: knownDelegate.peerId,
      pins: 12_400,
      believed: true,
      believedFrom: null,
      onlyHereProved: true,
      onlyHere: 57,
      onlyHereExamples: [failure(900).cid, failure(901).cid],
      peers: null,
      replication: null,
    },
    backup: {
      missing: 315,
      ignored: 2,
      resting: 0,
      pinned: Array.from({ length: 312 }, (_, index) => failure(index)),
      failed: [
        failure(500),
        failure(501, {
          name: null,
          class: 'undecodable',
          retry: 'never',
          reason: 'protobuf: (PBNode) invalid wireType',
          attempts: 9,
        }),
        failure(502, { name: 'evil | `x` @org/team </code>' }),
      ],
      pending: [],
    },
    update: {
      missing: 9,
      ignored: 0,
      resting: 0,
      pinned: [failure(600), failure(601)],
      failed: [],
      pending: [failure(602), failure(603)],
      unsent: Array.from({ length: 5 }, (_, index) => failure(700 + index)),
    },
    warnings: [
      { where: 'cache', message: 'The snapshot could not be read from the cache.\nIt was listed anew.' },
    ],
    delegates: {
      known: [knownDelegate],
      unknown: [unknownDelegate],
      peered: [
        { peerId: knownDelegate.peerId, connected: true, reason: null, answered: true },
        { peerId: unknownDelegate.peerId, connected: false, reason: 'dial backoff', answered: false },
      ],
      saved: null,
      leftOut: { addresses: 0, peers: 0, notPublic: 0 },
    },
  })
}
