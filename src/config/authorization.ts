import type { Inputs } from './inputs.ts'

/**
 * `node-authorization`: the value of the Authorization header. Kubo's own way to write it (`basic:user:password`,
 * `bearer:token`, as in its configuration and `ipfs --api-auth`) is turned into that.
 */
export function readAuthorization(inputs: Inputs): string | undefined {
  const given = inputs.text('node-authorization')
  if (given === '') return undefined
  inputs.hide(given)
  const [start = given, scheme = '', separator = ''] = /^([a-z][\w-]*)(:|\s+)/i.exec(given) ?? []
  const credentials = given.slice(start.length)
  inputs.hideGiven('node-authorization', 'credentials', credentials)
  const asKubo = separator === ':'
  const known = scheme.toLowerCase()
  if (known === 'basic') {
    const pair = asKubo ? credentials : Buffer.from(credentials, 'base64').toString()
    inputs.hide(pair)
    inputs.hideGiven('node-authorization', 'a password', pair.slice(pair.indexOf(':') + 1))
    inputs.hide(Buffer.from(pair).toString('base64'))
  }

  if (!/^[\x20-\x7e]+$/.test(given) || credentials === '' || (asKubo && !['basic', 'bearer'].includes(known)))
    inputs.problem(
      'node-authorization',
      'must be the value of an Authorization header on one line: a scheme and its credentials, such as `Bearer TOKEN`.',
    )
  if (!asKubo) return given
  return known === 'basic' ? `Basic ${Buffer.from(credentials).toString('base64')}` : `Bearer ${credentials}`
}
