/** Pods of higher priority are tried first. */
import type { Plugin } from '../plugin.ts'

export const prioritySort: Plugin = {
  name: 'PrioritySort',
  order: (a, b) => b.priority - a.priority,
}
