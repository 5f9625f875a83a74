/** Which Services and slices this proxy takes care of, and how they are found. */
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import type { Index } from '#client/cache.ts'

/** Other programs proxy the rest, or nobody does. */
export const OURS = '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name'
const SERVICE_NAME = 'kubernetes.io/service-name'

export const byService: Index<EndpointSlice> = {
  name: 'service',
  values: ({ metadata }) => {
    const service = metadata.labels?.[SERVICE_NAME]
    return service ? [`${metadata.namespace}/${service}`] : []
  },
}
