import type { Inputs } from './inputs.ts'

/** `issue-labels`: at most 50 characters each, which is GitHub's limit. */
export function readLabels(inputs: Inputs): string[] {
  const labels = inputs.words('issue-labels')
  for (const label of labels)
    if (label.length > 50)
      inputs.problem(
        'issue-labels',
        `must be labels of at most 50 characters, unlike ${inputs.quote(label)}.`,
      )
  return labels.length > 0 ? labels : ['ipfs-pin-mirror']
}

/** `issue-assignees`: GitHub's user names, apps among them. */
export function readAssignees(inputs: Inputs): string[] {
  const logins = inputs.words('issue-assignees')
  for (const login of logins)
    if (!/^[\w-]+(\[bot\])?$/.test(login))
      inputs.problem('issue-assignees', `must be GitHub user names without @, unlike ${inputs.quote(login)}.`)
  if (logins.length > 10)
    inputs.problem(
      'issue-assignees',
      `must be at most 10 names, which is GitHub's limit; there are ${logins.length}.`,
    )
  return logins
}
