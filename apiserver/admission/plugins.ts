/** Every admission plugin, in the order in which they are asked. */
import type { AdmissionPlugin } from './admission.ts'

export const plugins: readonly AdmissionPlugin[] = []
