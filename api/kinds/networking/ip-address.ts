/** IPAddress: an address that is taken, named after itself so that nobody else can take it. */
import { isIp } from '../../ip.ts'
import { defineKind } from '../../kind.ts'
import { isDnsSubdomain, isPathSegmentName } from '../../names.ts'
import { omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'
import { column, nameColumn } from '../../table.ts'

export const parentReference = struct(
  'networking.v1.ParentReference',
  'The object that an address belongs to.',
  {
    group: omitEmpty(1, string, 'API group of the object. The core group when empty.'),
    resource: omitEmpty(2, string, 'Resource of the object, such as services.'),
    namespace: omitEmpty(3, string, 'Namespace of the object.'),
    name: omitEmpty(4, string, 'Name of the object.'),
  },
  {
    // Upstream asks for the name before the namespace.
    validateWhole({ group, resource, namespace, name }, at, problems) {
      for (const each of group ? isDnsSubdomain(group) : []) {
        problems.invalid(at.child('group'), group, each)
      }
      for (const [field, text] of Object.entries({ resource, name, namespace })) {
        if (!text && field !== 'namespace') problems.required(at.child(field))
        for (const each of text ? isPathSegmentName(text) : []) {
          problems.invalid(at.child(field), text, each)
        }
      }
    },
  },
)
export interface ParentReference extends Stored<typeof parentReference> {}

export const ipAddressSpec = struct(
  'networking.v1.IPAddressSpec',
  'Who an address belongs to.',
  {
    parentRef: optional(1, parentReference, 'The object that the address belongs to.', {
      immutable: true,
    }),
  },
  {
    validate({ parentRef }, at, problems) {
      if (!parentRef) problems.required(at.child('parentRef'))
    },
  },
)
export interface IPAddressSpec extends Stored<typeof ipAddressSpec> {}

export const IPAddress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  scope: 'Cluster',
  nameRule: (name) => isIp(name),
  doc: 'An address that is taken, and by whom. Its name is the address in canonical form.',
  fields: {
    spec: omitEmpty(2, ipAddressSpec, 'Who the address belongs to.'),
  },
  columns: [
    nameColumn,
    column('ParentRef', 'string', 'The object that the address belongs to.', ({ spec }) => {
      const { group, resource, namespace, name } = spec.parentRef ?? {}
      return [group, resource, namespace, name].filter((part) => part).join('/')
    }),
  ],
})
export interface IPAddress extends Stored<typeof IPAddress> {}
