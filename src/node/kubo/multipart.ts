import { randomBytes } from 'node:crypto'

/** One file in the form that Kubo takes files in: what stands before it, and after. */
export function multipart(): {
  readonly head: string
  readonly tail: string
  readonly headers: Readonly<Record<string, string>>
} {
  const boundary = randomBytes(16).toString('hex')
  return {
    head: `--${boundary}\r\ncontent-disposition: form-data; name="data"; filename="data"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    tail: `\r\n--${boundary}--\r\n`,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}
