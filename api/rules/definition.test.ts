/** Custom resource definitions: what they must say, and what stays as it is. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts'
import { unknownFormats } from './definition-schema.ts'

const group = 'example.com'
const names = { plural: 'widgets', kind: 'Widget' }
const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
const v1 = { name: 'v1', served: true, storage: true, schema }
const v2 = { ...v1, name: 'v2', storage: false }
const spec = { group, scope: 'Namespaced', names, versions: [v1] }
const metadata = { name: `widgets.${group}` }

const problemsOf = (change: object): string[] =>
  judged(CustomResourceDefinition, { metadata, spec: { ...spec, ...change } })
const label1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

test('names and conversion follow when they are left out', () => {
  const definition = posted(CustomResourceDefinition, { metadata, spec })
  CustomResourceDefinition.prepareCreate?.(definition)
  expect(definition.spec.names).toEqual({ ...names, singular: 'widget', listKind: 'WidgetList' })
  expect(definition.spec.conversion).toEqual({ strategy: 'None' })
  expect(definition.status).toEqual({
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: ['v1'],
  })
})

test('a version that is stored once is remembered', () => {
  const before = posted(CustomResourceDefinition, { metadata, spec })
  CustomResourceDefinition.prepareCreate?.(before)
  const versions = [
    { ...v1, storage: false },
    { ...v2, storage: true },
  ]
  const after = posted(CustomResourceDefinition, { metadata, spec: { ...spec, versions } })
  after.status = before.status
  CustomResourceDefinition.prepareUpdate?.(after, before)
  expect(after.status.storedVersions).toEqual(['v1', 'v2'])
  expect(before.status.storedVersions).toEqual(['v1'])
})

test('everything that is required, in the order of the genuine server', () => {
  expect(
    judged(CustomResourceDefinition, { metadata: { name: 'x.example.com' }, spec: {} }),
  ).toEqual([
    'metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group',
    'spec.group: Required value',
    'spec.scope: Required value',
    'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
    'spec.names.plural: Required value',
    'spec.names.singular: Required value',
    'spec.names.kind: Required value',
    'spec.names.listKind: Required value',
    'status.storedVersions: Invalid value: null: must have at least one stored version',
  ])
})

describe('names', () => {
  test.for([
    [{}, []],
    [{ singular: 'A_' }, [`singular: Invalid value: "A_": ${label1035}`]],
    [
      { kind: 'bad kind', listKind: 'BadList' },
      [
        `kind: Invalid value: "bad kind": may have mixed case, but should otherwise match: ${label1035}`,
        `singular: Invalid value: "bad kind": ${label1035}`,
      ].toReversed(),
    ],
    [
      { listKind: 'Widget' },
      ['listKind: Invalid value: "Widget": kind and listKind may not be the same'],
    ],
    [
      { shortNames: ['B_'], categories: ['C_'] },
      [
        `shortNames[0]: Invalid value: "B_": ${label1035}`,
        `categories[0]: Invalid value: "C_": ${label1035}`,
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(problemsOf({ names: { ...names, ...change } })).toEqual(
      problems.map((each) => `spec.names.${each}`),
    )
  })

  test('a group has a dot and is one of ours', () => {
    const isNamed = { metadata: { name: 'widgets.flat' }, spec: { ...spec, group: 'flat' } }
    expect(judged(CustomResourceDefinition, isNamed)).toEqual([
      'spec.group: Invalid value: "flat": should be a domain with at least one dot',
    ])
  })

  test.for([
    [undefined, true],
    ['soon', true],
    ['unapproved, experimental', false],
    ['https://github.com/kubernetes/kubernetes/pull/1', false],
  ] as const)('a protected group with the approval %s', ([approval, isRefused]) => {
    const annotations = approval ? { 'api-approved.kubernetes.io': approval } : undefined
    const problems = judged(CustomResourceDefinition, {
      metadata: { name: 'widgets.a.k8s.io', annotations },
      spec: { ...spec, group: 'a.k8s.io' },
    })
    expect(problems.length > 0).toBe(isRefused)
    if (isRefused)
      expect(problems[0]).toMatch(/^metadata\.annotations\[api-approved\.kubernetes\.io\]/)
  })
})

describe('versions', () => {
  test.for([
    [[v1, v2], []],
    [
      [{ ...v1, storage: false }],
      [
        'spec.versions: must have exactly one version marked as storage version',
        'status.storedVersions: must have at least one stored version',
      ],
    ],
    [
      [v1, { ...v2, storage: true }],
      [
        'spec.versions: must have exactly one version marked as storage version',
        'status.storedVersions: must have the storage version v2',
      ],
    ],
    [[v1, { ...v2, name: 'v1' }], ['spec.versions: must contain unique version names']],
    [
      [{ ...v1, name: 'V_1' }],
      [`spec.versions[0].name: ${label1035}`, `spec.version: ${label1035}`],
    ],
    [
      [{ ...v1, schema: undefined }],
      ['spec.versions[0].schema.openAPIV3Schema: schemas are required'],
    ],
    [
      [{ ...v1, deprecationWarning: 'old' }],
      ['spec.versions[0].deprecationWarning: can only be set for deprecated versions'],
    ],
    [
      [{ ...v1, deprecated: true, deprecationWarning: 'a\n' }],
      [
        'spec.versions[0].deprecationWarning: must only contain printable UTF-8 characters; non-printable character found at index 1',
      ],
    ],
  ] as const)('%#', ([versions, problems]) => {
    expect(problemsOf({ versions }).map(withoutValue)).toEqual(problems)
  })

  test('what all versions share is named above them, what differs where it stands', () => {
    const additionalPrinterColumns = [{ name: '', type: 'x', jsonPath: 'a' }]
    const bad = [
      '[0].name: Required value',
      '[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
      '[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
    ]
    expect(problemsOf({ versions: [{ ...v1, additionalPrinterColumns }] })).toEqual(
      bad.map((each) => `spec.additionalPrinterColumns${each}`),
    )
    expect(problemsOf({ versions: [v1, { ...v2, additionalPrinterColumns }] })).toEqual(
      bad.map((each) => `spec.versions[1].additionalPrinterColumns${each}`),
    )
  })
})

/** Whole versions in a message say nothing here. */
function withoutValue(problem: string): string {
  return problem.replace(/(Invalid|Required) value: ((\[.*\]|null|"[^ ]*"|".*\\n"|"old"): )?/, '')
}

describe('subresources and selectable fields', () => {
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' }

  test.for([
    [scale, []],
    [{}, ['specReplicasPath: Required value', 'statusReplicasPath: Required value']],
    [
      { specReplicasPath: 'x', statusReplicasPath: '.spec.y' },
      [
        'specReplicasPath: Invalid value: "x": must be a simple json path starting with .',
        'statusReplicasPath: Invalid value: ".spec.y": should be a json path under .status',
      ],
    ],
    [
      { ...scale, labelSelectorPath: '.metadata.x' },
      [
        'labelSelectorPath: Invalid value: ".metadata.x": should be a json path under either .status or .spec',
      ],
    ],
  ] as const)('a scale subresource with %j', ([paths, problems]) => {
    expect(problemsOf({ versions: [{ ...v1, subresources: { scale: paths } }] })).toEqual(
      problems.map((each) => `spec.subresources.scale.${each}`),
    )
  })

  const fields = {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        metadata: { type: 'object', properties: { name: { type: 'string' } } },
        spec: {
          type: 'object',
          properties: {
            color: { type: 'string' },
            sizes: { type: 'array', items: { type: 'integer' } },
          },
        },
      },
    },
  }

  test.for([
    ['.spec.color', []],
    ['', ['Required value']],
    ['spec', ['Invalid value: "spec": is an invalid path: expected [ or . but got: spec']],
    ['.spec.', ['Invalid value: ".spec.": is an invalid path: unexpected end of JSON path']],
    ['.spec.x', ['Invalid value: ".spec.x": is an invalid path: does not refer to a valid field']],
    ['.spec[0]', ['Invalid value: ".spec[0]": is an invalid path: array notation is not allowed']],
    [
      '.spec.sizes',
      [
        'Invalid value: ".spec.sizes": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      ],
    ],
    ['.metadata.name', ['Invalid value: ".metadata.name": must not point to fields in metadata']],
    [
      '.spec.constructor',
      ['Invalid value: ".spec.constructor": is an invalid path: does not refer to a valid field'],
    ],
  ] as const)('the selectable field %s', ([jsonPath, problems]) => {
    const versions = [{ ...v1, schema: fields, selectableFields: [{ jsonPath }] }]
    expect(problemsOf({ versions })).toEqual(
      problems.map((each) => `spec.selectableFields[0].jsonPath: ${each}`),
    )
  })

  test('selectable fields stand once', () => {
    const selectableFields = [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.color' }]
    expect(problemsOf({ versions: [{ ...v1, schema: fields, selectableFields }] })).toEqual([
      'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.color"',
    ])
  })
})

const service = { namespace: 'n', name: 's' }
const webhook = { clientConfig: { service }, conversionReviewVersions: ['v1'] }

test.for([
  [{ strategy: 'Webhook', webhook }, []],
  [
    { strategy: 'Webhook' },
    [
      'webhookClientConfig: Required value: required when strategy is set to Webhook',
      'conversionReviewVersions: Required value',
    ],
  ],
  [
    { strategy: 'None', webhook },
    [
      'webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  ],
  [
    { strategy: 'Webhook', webhook: { ...webhook, conversionReviewVersions: ['v9', 'v9'] } },
    [
      'conversionReviewVersions[1]: Invalid value: "v9": duplicate version',
      'conversionReviewVersions: Invalid value: ["v9","v9"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    { strategy: 'Magic' },
    ['strategy: Unsupported value: "Magic": supported values: "None", "Webhook"'],
  ],
] as const)('a conversion %j', ([conversion, problems]) => {
  expect(problemsOf({ conversion })).toEqual(problems.map((each) => `spec.conversion.${each}`))
})

test('preserveUnknownFields belongs into the schema now', () => {
  expect(problemsOf({ preserveUnknownFields: true })).toEqual([
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ])
})

describe('the root of a schema', () => {
  const withStatus = (openAPIV3Schema: object) =>
    problemsOf({
      versions: [{ ...v1, schema: { openAPIV3Schema }, subresources: { status: {} } }],
    })

  test('is an object that may say more, as long as status can be taken out of it', () => {
    expect(withStatus({ type: 'object', description: 'd', required: ['spec'] })).toEqual([])
    expect(withStatus({ type: 'object', maxProperties: 3 })).toEqual([
      expect.stringMatching(
        /only \[Description Type .* XValidations\] fields are allowed at the root/,
      ),
    ])
  })

  test('is never null', () => {
    const nullable = { openAPIV3Schema: { type: 'object', nullable: true } }
    expect(problemsOf({ versions: [{ ...v1, schema: nullable }] })).toContain(
      'spec.validation.openAPIV3Schema.nullable: Forbidden: nullable cannot be true at the root',
    )
  })
})

describe('changes', () => {
  const established = {
    conditions: [{ type: 'Established', status: 'True' }],
    acceptedNames: names,
    storedVersions: ['v1'],
  }
  const changed = (change: object, status = established) =>
    judgedChange(
      CustomResourceDefinition,
      { metadata, spec, status },
      { metadata, spec: { ...spec, ...change }, status },
    )

  test.for([
    [{ scope: 'Cluster' }, ['spec.scope: Invalid value: "Cluster": field is immutable']],
    [
      { group: 'other.example.com' },
      ['spec.group: Invalid value: "other.example.com": field is immutable'],
    ],
    [
      { names: { ...names, kind: 'Gadget' } },
      ['spec.names.kind: Invalid value: "Gadget": field is immutable'],
    ],
    [
      { versions: [{ ...v2, storage: true }] },
      [
        'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
        'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(changed(change)).toEqual(problems)
  })

  test('a bundle of an established definition does not turn bad', () => {
    const conversion = (caBundle: string) => ({
      conversion: {
        strategy: 'Webhook',
        webhook: { ...webhook, clientConfig: { service, caBundle } },
      },
    })
    expect(changed(conversion('AAAA'))).toEqual([
      'spec.conversion.webhookClientConfig.caBundle: Invalid value: "AAAA": unable to load root certificates: must contain at least one CERTIFICATE PEM block',
    ])
    expect(changed(conversion('AAAA'), { ...established, conditions: [] })).toEqual([])
  })
})

test('a format that means nothing here is worth a warning, once', () => {
  const property = { type: 'string', format: 'colour' }
  const properties = {
    a: property,
    b: { type: 'array', items: property },
    c: { format: 'date-time' },
  }
  expect(unknownFormats({ properties })).toEqual(['colour', 'colour'])
  const versions = [{ ...v1, schema: { openAPIV3Schema: { type: 'object', properties } } }]
  const next = posted(CustomResourceDefinition, { metadata, spec: { ...spec, versions } })
  expect(CustomResourceDefinition.warnings?.(next, undefined)).toEqual([
    'unrecognized format "colour"',
  ])
  expect(CustomResourceDefinition.warnings?.(next, next)).toEqual([])
})
