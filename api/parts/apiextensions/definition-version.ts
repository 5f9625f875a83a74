/** One version of a custom kind: schema, subresources, columns and fields for selectors. */
import {
  always,
  boolean,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { jsonSchemaProps } from './json-schema-props.ts'

export const customResourceValidation = struct(
  'apiextensions.v1.CustomResourceValidation',
  'What objects of a version look like.',
  {
    openAPIV3Schema: optional(
      1,
      jsonSchemaProps,
      'The schema, in the form of OpenAPI v3; it must be structural.',
    ),
  },
)
export interface CustomResourceValidation extends Stored<typeof customResourceValidation> {}

export const customResourceSubresourceStatus = struct(
  'apiextensions.v1.CustomResourceSubresourceStatus',
  'A status subresource: status is written apart from everything else.',
  {},
)
export interface CustomResourceSubresourceStatus
  extends Stored<typeof customResourceSubresourceStatus> {}

export const customResourceSubresourceScale = struct(
  'apiextensions.v1.CustomResourceSubresourceScale',
  'A scale subresource: where the numbers are that autoscalers read and write.',
  {
    specReplicasPath: always(1, string, 'Path of the wanted replicas, below .spec.'),
    statusReplicasPath: always(2, string, 'Path of the present replicas, below .status.'),
    labelSelectorPath: optional(
      3,
      string,
      'Path of a label selector in text form, below .spec or .status.',
    ),
  },
)
export interface CustomResourceSubresourceScale
  extends Stored<typeof customResourceSubresourceScale> {}

export const customResourceSubresources = struct(
  'apiextensions.v1.CustomResourceSubresources',
  'The subresources of a version.',
  {
    status: optional(1, customResourceSubresourceStatus, 'Gives objects a status subresource.'),
    scale: optional(2, customResourceSubresourceScale, 'Gives objects a scale subresource.'),
  },
)
export interface CustomResourceSubresources extends Stored<typeof customResourceSubresources> {}

export const customResourceColumnDefinition = struct(
  'apiextensions.v1.CustomResourceColumnDefinition',
  'A column that tables of these objects have.',
  {
    name: always(1, string, 'Heading of the column.'),
    type: always(2, string, 'Type of the cells: string, integer, number, boolean or date.'),
    format: omitEmpty(3, string, 'Finer form of the type, such as int32 or date-time.'),
    description: omitEmpty(4, string, 'What the column shows, in words for people.'),
    priority: omitEmpty(
      5,
      int32,
      'Zero is always shown; greater numbers give way where space is short.',
    ),
    jsonPath: always(6, string, 'A JSONPath to what the cell shows.'),
  },
)
export interface CustomResourceColumnDefinition
  extends Stored<typeof customResourceColumnDefinition> {}

export const selectableField = struct(
  'apiextensions.v1.SelectableField',
  'A field that field selectors may use.',
  {
    jsonPath: always(
      1,
      string,
      'A path to a text, number or boolean of the schema, such as .spec.color.',
    ),
  },
)
export interface SelectableField extends Stored<typeof selectableField> {}

export const customResourceDefinitionVersion = struct(
  'apiextensions.v1.CustomResourceDefinitionVersion',
  'One version of the kind.',
  {
    name: always(1, string, 'Name of the version, such as v1 or v1beta1.'),
    served: always(2, boolean, 'Whether the API has this version.'),
    storage: always(3, boolean, 'Whether objects are stored in this version; one version must be.'),
    deprecated: omitEmpty(
      7,
      boolean,
      'Whether requests for this version are answered with a warning.',
    ),
    deprecationWarning: optional(
      8,
      string,
      'The warning. Defaults to one that names a newer version.',
    ),
    schema: optional(4, customResourceValidation, 'What objects of this version look like.'),
    subresources: optional(5, customResourceSubresources, 'The subresources of this version.'),
    additionalPrinterColumns: omitEmpty(
      6,
      listOf(customResourceColumnDefinition, { listType: 'atomic' }),
      'Columns of tables; unset means one with the age.',
    ),
    selectableFields: omitEmpty(
      9,
      listOf(selectableField, { listType: 'atomic' }),
      'Fields, up to eight, that field selectors may use.',
    ), // gate: CustomResourceFieldSelectors
  },
)
export interface CustomResourceDefinitionVersion
  extends Stored<typeof customResourceDefinitionVersion> {}
