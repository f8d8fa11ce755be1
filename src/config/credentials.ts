import type { Inputs } from './inputs.ts'

/** Hides `user:password@` of a URL, as it is written there, decoded, and as it goes to a server. */
export function hideCredentials(inputs: Inputs, given: string): void {
  const credentials = /^(?:\w+:\/\/)?([^/?#]*)@/.exec(given)?.[1] ?? ''
  const password = credentials.slice(credentials.indexOf(':') + 1)
  for (const secret of [credentials, password]) {
    inputs.hide(secret)
    inputs.hide(decoded(secret))
  }
  // As it goes to the proxy.
  inputs.hide(Buffer.from(decoded(credentials)).toString('base64'))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
