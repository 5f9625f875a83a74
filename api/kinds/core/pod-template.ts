/** PodTemplate: a template for pods, kept as an object of its own. */
import { defineKind } from '../../kind.ts'
import { formatLabels } from '../../label-selector.ts'
import { type PodTemplateSpec, podTemplateSpec } from '../../parts/core/pod-template.ts'
import { Path } from '../../problems.ts'
import { warningsForTemplate } from '../../rules/pods/warnings.ts'
import { containerColumns } from '../../rules/template-columns.ts'
import { omitEmpty, type Stored } from '../../schema.ts'
import { column, nameColumn } from '../../table.ts'

interface Templated {
  readonly template: PodTemplateSpec
}

export const PodTemplate = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  generation: true,
  deletion: { returnsObject: true },
  doc: 'A template for pods that is not part of a workload.',
  fields: {
    template: omitEmpty(2, podTemplateSpec, 'The template itself.'),
  },
  columns: [
    nameColumn,
    ...containerColumns(({ template }: Templated) => template).map((each) => ({
      ...each,
      priority: 0,
    })),
    column(
      'Pod Labels',
      'string',
      'Labels of the pods made from the template.',
      ({ template }) => formatLabels(template.metadata.labels) || '<none>',
    ),
  ],
  warnings: ({ template }) => warningsForTemplate(template, Path.root.child('template')),
})
export interface PodTemplate extends Stored<typeof PodTemplate> {}
