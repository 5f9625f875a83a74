/** APIService: which server answers for a group and version of the API. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { isDns1035Label, isDnsSubdomain, isPortNumber, pathSegmentName } from '../../names.ts'
import { conditionFields } from '../../parts/meta/condition-fields.ts'
import type { Path, Problems } from '../../problems.ts'
import {
  always,
  boolean,
  bytes,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const serviceReference = struct(
  'apiregistration.v1.ServiceReference',
  'A Service that an API server is behind.',
  {
    namespace: omitEmpty(1, string, 'Namespace of the Service.'),
    name: omitEmpty(2, string, 'Name of the Service.'),
    port: optional(3, int32, 'Port of the Service. Defaults to 443.', { default: 443 }),
  },
)
export interface ServiceReference extends Stored<typeof serviceReference> {}

export const apiServiceSpec = struct(
  'apiregistration.v1.APIServiceSpec',
  'Which server answers for which group and version.',
  {
    service: optional(1, serviceReference, 'The server; unset means this one.'),
    group: omitEmpty(2, string, 'The API group; empty only for the core group.'),
    version: omitEmpty(3, string, 'The version within the group, such as v1.'),
    insecureSkipTLSVerify: omitEmpty(
      4,
      boolean,
      'Leaves the certificate of the server unchecked. Not for production.',
    ),
    caBundle: omitEmpty(
      5,
      bytes,
      'Certificates in PEM form, as base64, that the one of the server must lead to.',
    ),
    groupPriorityMinimum: always(7, int32, 'Order among groups: higher comes first, up to 20000.'),
    versionPriority: always(
      8,
      int32,
      'Order among the versions of a group: higher comes first, up to 1000.',
    ),
  },
)
export interface APIServiceSpec extends Stored<typeof apiServiceSpec> {}

export const apiServiceCondition = struct(
  'apiregistration.v1.APIServiceCondition',
  'One aspect of the state of an APIService.',
  {
    type: always(
      1,
      wordOf('Available'),
      'Which aspect; Available says whether the server can be reached.',
    ),
    ...conditionFields,
  },
)
export interface APIServiceCondition extends Stored<typeof apiServiceCondition> {}

export const apiServiceStatus = struct(
  'apiregistration.v1.APIServiceStatus',
  'What was found about an APIService.',
  {
    conditions: omitEmpty(
      1,
      listOf(apiServiceCondition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'The aspects, one of each type.',
    ),
  },
)
export interface APIServiceStatus extends Stored<typeof apiServiceStatus> {}

export const APIService = defineKind({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  conditionalUpdates: true,
  doc: 'Which server answers for a group and version of the API; the name is version.group.',
  fields: {
    spec: omitEmpty(2, apiServiceSpec, 'Which server answers for which group and version.'),
    status: omitEmpty(3, apiServiceStatus, 'What was found about it. Filled in by the server.'),
  },
  nameRule: pathSegmentName,
  validateWhole({ metadata, spec, status }, at, problems) {
    validateName(metadata.name, spec, at.child('metadata').child('name'), problems)
    validateSpec(spec, at.child('spec'), problems)
    const path = at.child('status').child('conditions')
    for (const [position, { status: text }] of status.conditions?.entries() ?? []) {
      if (!conditionStatuses.includes(text)) {
        problems.notSupported(path.index(position).child('status'), text, conditionStatuses)
      }
    }
  },
  columns: [
    nameColumn,
    column('Service', 'string', 'The Service that answers; Local is this server.', ({ spec }) =>
      spec.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    column('Available', 'string', 'Whether the server can be reached.', ({ status }) =>
      availability(status),
    ),
    ageColumn,
  ],
})
export interface APIService extends Stored<typeof APIService> {}

const MAX_GROUP_PRIORITY = 20_000
const MAX_VERSION_PRIORITY = 1000

const conditionStatuses: readonly string[] = ['False', 'True', 'Unknown']

/** The name says which version of which group this is about. */
function validateName(
  name: string,
  { group = '', version = '' }: APIServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const wanted = `${version}.${group}`
  if (name !== wanted && !pathSegmentName(name).length) {
    const message = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`
    problems.invalid(at, name, message)
  }
}

function validateSpec(spec: APIServiceSpec, at: Path, problems: Problems): void {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const path = at.child('group')
  if (group) {
    for (const message of isDnsSubdomain(group)) problems.invalid(path, group, message)
  } else if (version !== 'v1') {
    problems.required(path, 'only v1 may have an empty group and it better be legacy kube')
  }
  for (const message of isDns1035Label(version)) {
    problems.invalid(at.child('version'), version, message)
  }
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY) {
    const message = `must be positive and less than ${MAX_GROUP_PRIORITY}`
    problems.invalid(at.child('groupPriorityMinimum'), groupPriorityMinimum, message)
  }
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) {
    const message = `must be positive and less than ${MAX_VERSION_PRIORITY}`
    problems.invalid(at.child('versionPriority'), versionPriority, message)
  }
  validateServer(spec, at, problems)
}

function validateServer(
  { service, caBundle = '', insecureSkipTLSVerify = false }: APIServiceSpec,
  at: Path,
  problems: Problems,
): void {
  const insecurePath = at.child('insecureSkipTLSVerify')
  if (!service) {
    if (caBundle) {
      const size = `${Buffer.byteLength(caBundle, 'base64')} bytes`
      const message = 'local APIServices may not have a caBundle'
      problems.invalid(at.child('caBundle'), size, message)
    }
    if (insecureSkipTLSVerify) {
      const message = 'local APIServices may not have insecureSkipTLSVerify'
      problems.invalid(insecurePath, insecureSkipTLSVerify, message)
    }
    return
  }
  const path = at.child('service')
  if (!service.namespace) problems.required(path.child('namespace'))
  if (!service.name) problems.required(path.child('name'))
  const portProblems = isPortNumber(service.port)
  if (portProblems.length) {
    const message = `port is not valid: ${portProblems.join(', ')}`
    problems.invalid(path.child('port'), service.port, message)
  }
  if (insecureSkipTLSVerify && caBundle) {
    const message = 'may not be true if caBundle is present'
    problems.invalid(insecurePath, insecureSkipTLSVerify, message)
  }
}

function availability({ conditions }: APIServiceStatus): string {
  const condition = conditions?.find(({ type }) => type === 'Available')
  if (!condition) return 'Unknown'
  const { status, reason } = condition
  return status === 'True' || !reason ? status : `${status} (${reason})`
}
