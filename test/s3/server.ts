import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPair } from '../../src/config/types.ts'
import { installFolder } from '../peers/npm-folder.ts'

const s3rver = '@20minutes/s3rver'

/** What this uses of s3rver, which has no types. */
interface Server {
  run(): Promise<AddressInfo>
  close(): Promise<void>
}
type ServerClass = new (options: {
  readonly address: string
  readonly port: number
  readonly silent: boolean
  readonly directory: string
  readonly configureBuckets: readonly { readonly name: string }[]
}) => Server
type AccountClass = new (id: number, name: string) => { createKeyPair(access: string, secret: string): void }

/** Installs the server beside this file where it is not yet: 14 MB. Throws where it can't be had. */
export function installS3(): Promise<void> {
  return installFolder(new URL('./', import.meta.url), s3rver)
}

/** A real S3 server on loopback that checks signatures, with an account and its buckets. */
export class RealS3 implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #directory: string

  private constructor(url: string, server: Server, directory: string) {
    this.url = url
    this.#server = server
    this.#directory = directory
  }

  static async start({ accessKey, secretKey }: KeyPair, buckets: readonly string[]): Promise<RealS3> {
    const require = createRequire(import.meta.url)
    const Account = require(`${s3rver}/lib/models/account`) as AccountClass
    new Account(1, 'owner').createKeyPair(accessKey, secretKey)
    const S3rver = require(s3rver) as ServerClass
    const directory = await mkdtemp(join(tmpdir(), 's3-'))
    const server = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory,
      configureBuckets: buckets.map((name) => ({ name })),
    })
    const { port } = await server.run()
    return new RealS3(`http://127.0.0.1:${port}`, server, directory)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
