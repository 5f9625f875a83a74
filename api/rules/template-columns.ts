/** Table columns about the pod template and the selector of a workload. */
import { formatSelector, LabelSelectorError, selectorFromObject } from '../label-selector.ts'
import type { PodTemplateSpec } from '../parts/core/pod-template.ts'
import type { LabelSelector } from '../parts/meta/label-selector.ts'
import { type Column, column } from '../table.ts'

interface Templated {
  readonly spec: { readonly template: PodTemplateSpec }
}
interface Selecting {
  readonly spec: { readonly selector?: LabelSelector | null }
}

/** Names and images of the containers, only with `-o wide`. */
export function containerColumns<S>(
  templateOf: (object: S) => PodTemplateSpec | undefined,
): Column<S>[] {
  const list = (object: S, name: 'name' | 'image') =>
    (templateOf(object)?.spec.containers ?? []).map((container) => container[name] ?? '').join(',')
  const names = 'Names of the containers of the template.'
  const images = 'Images of the containers of the template.'
  return [
    column('Containers', 'string', names, (object) => list(object, 'name'), { priority: 1 }),
    column('Images', 'string', images, (object) => list(object, 'image'), { priority: 1 }),
  ]
}

export const templateColumns = containerColumns(({ spec }: Templated) => spec.template)

/** The selector in its text form, only with `-o wide`. */
export const selectorColumn = column<Selecting>(
  'Selector',
  'string',
  'Labels of the pods that belong to the object.',
  ({ spec }) => selectorText(spec.selector),
  { priority: 1 },
)

/** `<none>` when nothing or everything is selected. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  if (!selector) return '<none>'
  try {
    return formatSelector(selectorFromObject(selector)) || '<none>'
  } catch (error) {
    if (error instanceof LabelSelectorError) return '<error>'
    throw error
  }
}
