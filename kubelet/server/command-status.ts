/** How a command has ended, as clients of Kubernetes read it. */

export interface CommandStatus {
  readonly metadata: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: {
    readonly causes: readonly { readonly reason: string; readonly message: string }[]
  }
  readonly code?: number
}

const common = { kind: 'Status', apiVersion: 'v1', metadata: {} }

export function statusOfEnd(exitCode: number): CommandStatus {
  if (exitCode === 0) return { ...common, status: 'Success' }
  return {
    ...common,
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

export const statusOfFailure = (message: string): CommandStatus => ({
  ...common,
  status: 'Failure',
  message: `Internal error occurred: ${message}`,
  reason: 'InternalError',
  details: { causes: [{ reason: '', message }] },
  code: 500,
})
