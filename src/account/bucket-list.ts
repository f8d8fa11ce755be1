import { parseXml, XmlElement } from '@rgrove/parse-xml'

/** What S3 answers to ListBuckets. */
export interface BucketList {
  readonly names: readonly string[]
  /** With which the next page is asked for; `undefined` on the last one. */
  readonly next: string | undefined
}

/** S3 has names of at most 63 characters, and old ones of 255. */
const longestName = 255

/**
 * Reads ListAllMyBucketsResult. Entities that a document declares are not known to the parser, so that none can grow.
 * @throws where it is no such document
 */
export function readBucketList(xml: string): BucketList {
  const root = rootOf(xml, 'ListAllMyBucketsResult')
  const names = childrenOf(root, 'Buckets')
    .flatMap((buckets) => childrenOf(buckets, 'Bucket'))
    .map((bucket) => textOf(bucket, 'Name') ?? '')
    .filter(({ length }) => length > 0 && length <= longestName)
  return { names, next: textOf(root, 'ContinuationToken') || undefined }
}

/** The code of an error, such as `SignatureDoesNotMatch`; `undefined` where it is none of S3's. */
export function errorCodeOf(xml: string): string | undefined {
  try {
    return /^\w{1,60}$/.exec(textOf(rootOf(xml, 'Error'), 'Code') ?? '')?.[0]
  } catch {
    return undefined
  }
}

function rootOf(xml: string, name: string): XmlElement {
  const { root } = parseXml(xml)
  if (root?.name !== name) throw new Error(`it is no ${name}`)
  return root
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(
    (child) => child instanceof XmlElement && child.name === name,
  ) as XmlElement[]
}

function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text
}
