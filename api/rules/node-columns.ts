/** What tables show about nodes. */
import { ageColumn, column, nameColumn } from '../table.ts'

interface Facts {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: { readonly unschedulable?: boolean }
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo: {
      readonly kubeletVersion: string
      readonly osImage: string
      readonly kernelVersion: string
      readonly containerRuntimeVersion: string
    }
  }
}

const wide = { priority: 1 }

export const nodeColumns = [
  nameColumn,
  column('Status', 'string', 'Whether it is ready, and whether it takes new pods.', statusCell),
  column('Roles', 'string', 'Its roles, from its labels.', rolesCell),
  ageColumn,
  column('Version', 'string', 'Version of its kubelet.', versionCell),
  column(
    'Internal-IP',
    'string',
    'Its address inside the cluster.',
    addressCell('InternalIP'),
    wide,
  ),
  column('External-IP', 'string', 'Its address outside.', addressCell('ExternalIP'), wide),
  column('OS-Image', 'string', 'Its operating system.', infoCell('osImage'), wide),
  column('Kernel-Version', 'string', 'Its kernel.', infoCell('kernelVersion'), wide),
  column(
    'Container-Runtime',
    'string',
    'Its container runtime.',
    infoCell('containerRuntimeVersion'),
    wide,
  ),
]

function statusCell({ spec, status }: Facts): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown']
  if (spec.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const roleLabel = 'node-role.kubernetes.io/'

function rolesCell({ metadata: { labels = {} } }: Facts): string {
  const roles = new Set<string>()
  for (const [name, value] of Object.entries(labels)) {
    if (name.startsWith(roleLabel) && name !== roleLabel) roles.add(name.slice(roleLabel.length))
    else if (name === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].sort().join(',') || '<none>'
}

function versionCell({ status }: Facts): string {
  return status.nodeInfo.kubeletVersion
}

function addressCell(wanted: string) {
  return ({ status }: Facts): string =>
    status.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'
}

function infoCell(name: keyof Facts['status']['nodeInfo']) {
  return ({ status }: Facts): string => status.nodeInfo[name] || '<unknown>'
}
