/** DefaultIngressClass: an Ingress that names no class gets the default one. */
import type { Ingress } from '#api/kinds/networking/ingress.ts'
import type { IngressClass } from '#api/kinds/networking/ingress-class.ts'
import { defaultClass } from '#api/rules/default-class.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout, isCreate } from './admission.ts'

const marks = ['ingressclass.kubernetes.io/is-default-class']
/** How a class was named before there was a field for it. */
const classAnnotation = 'kubernetes.io/ingress.class'

export function defaultIngressClass({ cache }: AdmissionContext): AdmissionPlugin {
  const classes = cache.of<IngressClass>('ingressclasses', 'networking.k8s.io')
  return {
    name: 'DefaultIngressClass',
    handles: (attributes) =>
      isAbout(attributes, 'ingresses', 'networking.k8s.io') && isCreate(attributes),
    mutate({ object }) {
      const { metadata, spec } = object as unknown as Ingress
      const isNamed = metadata.annotations?.[classAnnotation] !== undefined
      if (isNamed || spec.ingressClassName !== undefined) return
      const found = defaultClass(classes.list(''), marks)
      if (found) spec.ingressClassName = found.metadata.name
    },
  }
}
