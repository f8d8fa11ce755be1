import type { CidKey, PinCid } from '../domain/cid.ts'

export type Direction = 'backup' | 'update' | 'both'

export interface Bucket {
  readonly name: string
  readonly token: string
  /** Its token was made of its name and `filebase-access-key` and `filebase-secret-key`. */
  readonly isOfKeys?: true
}

/** What an account's tokens and requests to its S3 API are made with. */
export interface KeyPair {
  readonly accessKey: string
  readonly secretKey: string
}

export interface AccountKeys extends KeyPair {
  /** Where they were given, to be shown. */
  readonly source: string
}

/** How it is found out which buckets `buckets` does not name. */
export interface AccountCheck {
  /** Of the S3 API. */
  readonly endpoint: URL
  /** Each access key once. */
  readonly accounts: readonly AccountKeys[]
  /** The service's own names of the buckets that are mirrored. */
  readonly mirrored: readonly string[]
  /** Those that are not to be. */
  readonly ignored: readonly string[]
}

export interface KnownDelegate {
  readonly peerId: string
  readonly addrs: readonly string[]
}

/** What the end of the run needs, also of inputs that are wrong. */
export interface Ending {
  readonly direction: Direction
  readonly dryRun: boolean
  /** It looks at some CIDs, and mirrors nothing, be it that what is said of them is wrong. */
  readonly isInspection: boolean
  /** The monitor to tell: `undefined` for none, and for an address that is itself wrong. */
  readonly heartbeatUrl: URL | undefined
  readonly failOn: 'error' | 'failed-pins'
  readonly github: GitHubContext
}

/** Everything the run is told, validated and frozen. Durations are ms. */
export interface Config extends Ending {
  readonly inspect: readonly string[]
  /** Without a trailing slash or `/pins`. */
  readonly endpoint: URL
  readonly buckets: readonly Bucket[]
  readonly targetBucket: string | undefined
  /** `undefined`: nobody is asked for the names of all buckets. */
  readonly accountCheck: AccountCheck | undefined
  /** Those that are not mirrored on purpose. */
  readonly ignoredBuckets: readonly string[]
  readonly nodeUrl: URL
  readonly nodeKind: 'kubo' | 'cluster'
  readonly nodeAuthorization: string | undefined
  /** `undefined`: not given, and no default is known for the endpoint. */
  readonly delegates: readonly KnownDelegate[] | undefined
  readonly peering: 'report' | 'connect' | 'save'
  readonly origins: 'auto' | 'none' | readonly string[]
  readonly onlyNames: readonly string[]
  readonly fullListing: boolean
  readonly snapshotDir: string | undefined
  readonly cache: boolean
  readonly cacheKey: string
  readonly concurrency: number
  readonly requestsPerSecond: number
  /** Bytes that the node is to have free: below it no pin is begun. 0: that is not looked at. */
  readonly keepFree: number
  /** To be fetched in one run at most; `null` for no limit. */
  readonly maxBytes: number | null
  readonly stallTimeout: number
  readonly settleTimeout: number
  readonly attempts: number
  readonly timeLimit: number
  /** How long a run may read pinned content again; 0: not at all. */
  readonly verifyTime: number
  readonly manifest: boolean
  /** Trustless gateways, each without a slash at its end. */
  readonly gateways: readonly URL[]
  readonly ignore: ReadonlyMap<CidKey, PinCid>
  readonly failedRequests: 'replace' | 'report'
  readonly issue: boolean
  readonly issueLabels: readonly string[]
  readonly issueAssignees: readonly string[]
  readonly githubToken: string | undefined
}

/** What the snapshot and the issue of a mirror are found by, and what an issue is made with. */
export type MirrorConfig = Pick<
  Config,
  | 'github'
  | 'cacheKey'
  | 'endpoint'
  | 'snapshotDir'
  | 'cache'
  | 'issue'
  | 'issueLabels'
  | 'issueAssignees'
  | 'githubToken'
>

/** What came of reading the inputs: a config, or everything that is wrong, each a sentence that names its input. */
export type Reading =
  | ({ readonly isGood: true; readonly config: Config } & Read)
  | ({
      readonly isGood: false
      readonly problems: readonly string[]
      /** Whose run this was to be, where that much is known, and where it was to mirror anything. */
      readonly mirror: MirrorConfig | undefined
    } & Read)

interface Read {
  /** What is odd about the inputs and lets the run go on. */
  readonly warnings: readonly string[]
  readonly ending: Ending
}

/** What the runner says of the run. */
export interface GitHubContext {
  /** `owner/name`; `undefined` outside a repository. */
  readonly repository: string | undefined
  readonly apiUrl: string
  readonly serverUrl: string
  readonly runId: string
  readonly runAttempt: string
  readonly workspace: string
  readonly reportPath: string
  /** Where the job's summary goes; `undefined` outside a runner. */
  readonly summaryPath: string | undefined
  /** The runner is one of GitHub's, not the user's own. */
  readonly isHosted: boolean
  /** A person started this run (`workflow_dispatch`): the ledger's pauses do not bind it. */
  readonly manual: boolean
}
