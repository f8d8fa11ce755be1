import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from '../peers/cluster.ts'
import { Kubo } from '../peers/kubo.ts'
import { type GitHubSandbox, startGitHub } from '../sandbox/github.ts'
import type { Files } from './content.ts'
import { Runner } from './runner.ts'

const blockSize = 1024

/**
 * What a user of the mirror has: a pinning service (IPFS Cluster over a Kubo node of its own), a Kubo node on the
 * box, and a repository at GitHub whose workflow runs on the box.
 */
export class Stage implements AsyncDisposable {
  readonly #things: AsyncDisposableStack
  readonly cluster: Cluster
  readonly node: Kubo
  readonly github: GitHubSandbox
  readonly runner: Runner
  readonly #content = new Map<string, Files>()

  private constructor(
    things: AsyncDisposableStack,
    cluster: Cluster,
    node: Kubo,
    github: GitHubSandbox,
    runner: Runner,
  ) {
    this.#things = things
    this.cluster = cluster
    this.node = node
    this.github = github
    this.runner = runner
  }

  /** @param pinTimeout of the service: see `ClusterOptions` */
  static async set(pinTimeout?: string): Promise<Stage> {
    await using things = new AsyncDisposableStack()
    const [node, service, github] = await Promise.all([
      Kubo.start(),
      Kubo.start(),
      startGitHub({ token: 'ghs_ofTheRun' }),
    ])
    for (const thing of [node, service, github]) things.use(thing)
    const cluster = things.use(await Cluster.start(service, pinTimeout === undefined ? {} : { pinTimeout }))
    const runner = things.use(await Runner.create(github))
    return new Stage(things.move(), cluster, node, github, runner)
  }

  /** The action's inputs in the user's workflow. */
  get inputs(): Readonly<Record<string, string>> {
    return {
      endpoint: this.cluster.pinningServiceUrl,
      buckets: `photos=${this.cluster.token}`,
      'node-url': this.node.apiUrl,
      delegates: this.cluster.kubo.addresses.join('\n'),
    }
  }

  /**
   * Has the service pin files and folders, in blocks of 1 KiB.
   * @returns the CIDs of what is at the top level, in the files' order
   */
  async publish(files: Files, cidVersion: 0 | 1 = 1): Promise<string[]> {
    const cids = await this.cluster.kubo.add(files, { blockSize, cidVersion, rawLeaves: cidVersion === 1 })
    const roots = new Map<string, Record<string, string>>()
    for (const [path, content] of Object.entries(files)) {
      const cid = cids.get(path.split('/')[0] ?? '') ?? ''
      const root = roots.get(cid) ?? {}
      roots.set(cid, { ...root, [path]: content })
    }
    for (const [cid, content] of roots) this.#content.set(cid, content)
    await this.cluster.pin(roots.keys())
    return [...roots.keys()]
  }

  /** Takes content away from the service's node, which goes on to say that it pins it. */
  async lose(cid: string): Promise<void> {
    await this.cluster.kubo.lose(cid)
  }

  /** Starts another node that has the content, and connects the user's node to it. */
  async findFriendWith(cid: string): Promise<void> {
    const friend = this.#things.use(await Kubo.start())
    await friend.add(this.#content.get(cid) ?? {}, { blockSize })
    await this.node.connect(friend)
  }

  /** A folder on the box that outlives the runs. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'box-'))
    this.#things.defer(() => rm(path, { recursive: true, force: true }))
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }
}
