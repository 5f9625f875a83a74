/** A kubelet sees and changes only what has to do with its node and its pods. */
import { FieldSelectorError, parseFieldSelector } from '#api/field-selector.ts'
import { LabelSelectorError, parseLabelSelector, requiredLabel } from '#api/label-selector.ts'
import { LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import { qualified } from '#api/status.ts'
import { nodeRules } from '../../bootstrap/rbac/component-roles.ts'
import type { User } from '../../request-context.ts'
import type { RequestInfo, ResourceRequest } from '../../request-info.ts'
import type { Authorizer, Decision, UserRules } from '../authorizer.ts'
import { permits } from '../rbac/rules.ts'
import type { NodeGraph } from './node-graph.ts'

const NODES = 'system:nodes'
const NODE_PREFIX = 'system:node:'
const LEASE_NAMESPACE = 'kube-node-lease'

type Request = ResourceRequest & Pick<RequestInfo, 'query'>

/** A verdict: allowed, or why not; undefined says no more than no. */
type Verdict = true | string | undefined
type Rule = (request: Request, node: string, graph: NodeGraph) => Verdict

export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph

  constructor(graph: NodeGraph) {
    this.#graph = graph
  }

  authorize(user: User, info: RequestInfo): Decision {
    if (!isNode(user)) return refused
    const node = user.name.slice(NODE_PREFIX.length)
    if (!node) return refusedFor(`unknown node for user ${JSON.stringify(user.name)}`)
    const rule = info.isResource
      ? rules.get(qualified({ group: info.group, plural: info.resource }))
      : undefined
    if (!rule) return nodeRules.some((each) => permits(each, info)) ? allowed : refused
    const verdict = rule(info as Request, node, this.#graph)
    return verdict === true ? allowed : refusedFor(verdict)
  }

  rulesFor(user: User): UserRules {
    return isNode(user)
      ? {
          rules: [],
          incomplete: true,
          problem: 'node authorizer does not support user rule resolution',
        }
      : { rules: [], incomplete: false }
  }
}

const allowed: Decision = { allowed: true }
const refused: Decision = { allowed: false }

const refusedFor = (reason: string | undefined): Decision =>
  reason ? { allowed: false, reason } : refused

const isNode = ({ name, groups }: User): boolean =>
  name.startsWith(NODE_PREFIX) && groups.includes(NODES)

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['secrets', readNamed((graph, ...where) => graph.usesSecret(...where))],
  [
    'configmaps',
    readNamed((graph, node, namespace, name) =>
      graph.hasPodThat(node, namespace, ({ configMaps }) => configMaps.has(name)),
    ),
  ],
  ['persistentvolumeclaims', claimRule],
  ['persistentvolumes', volumeRule],
  ['resourceclaims.resource.k8s.io', resourceClaimRule],
  ['volumeattachments.storage.k8s.io', attachmentRule],
  ['serviceaccounts', accountRule],
  ['leases.coordination.k8s.io', leaseRule],
  ['csinodes.storage.k8s.io', csiNodeRule],
  ['resourceslices.resource.k8s.io', sliceRule],
  ['nodes', nodeRule],
  ['pods', podRule],
])

/** Whether the object that a request names has to do with the node. */
type Related = (node: string, namespace: string, name: string) => boolean

function related({ namespace, name }: Request, node: string, isRelated: Related): Verdict {
  if (!name) return 'No Object name found'
  return (
    isRelated(node, namespace, name) ||
    `no relationship found between node '${node}' and this object`
  )
}

function getRelated(request: Request, node: string, isRelated: Related): Verdict {
  if (request.verb !== 'get') return 'can only get individual resources of this type'
  if (request.subresource) return 'cannot get subresource'
  return related(request, node, isRelated)
}

function readNamed(
  isRelated: (graph: NodeGraph, node: string, namespace: string, name: string) => boolean,
): Rule {
  return (request, node, graph) => {
    if (!isRead(request.verb)) return 'can only read resources of this type'
    if (request.subresource) return 'cannot read subresource'
    if (!request.namespace) return 'can only read namespaced object of this type'
    return related(request, node, (...where) => isRelated(graph, ...where))
  }
}

const isRead = (verb: string): boolean => ['get', 'list', 'watch'].includes(verb)

/** Volumes of its pods, and those that lie on the node itself, which it has to clean up. */
function volumeRule(request: Request, node: string, graph: NodeGraph): Verdict {
  const { verb, subresource } = request
  if (!subresource && verb === 'patch') {
    return related(request, node, (_, __, name) => graph.keepsVolume(node, name))
  }
  const isList = verb === 'list' || verb === 'watch'
  if (!subresource && isList && isLabelled(request, LOCAL_PATH_NODE_LABEL, node)) return true
  return getRelated(request, node, (_, __, name) => {
    return graph.usesVolume(node, name) || graph.keepsVolume(node, name)
  })
}

function claimRule(request: Request, node: string, graph: NodeGraph): Verdict {
  const isRelated: Related = (...where) => graph.usesClaim(...where)
  if (request.subresource !== 'status') return getRelated(request, node, isRelated)
  if (!['update', 'patch'].includes(request.verb)) return 'can only get/update/patch this type'
  return related(request, node, isRelated)
}

function resourceClaimRule(request: Request, node: string, graph: NodeGraph): Verdict {
  return getRelated(request, node, (_, namespace, name) =>
    graph.hasPodThat(node, namespace, ({ resourceClaims }) => resourceClaims.has(name)),
  )
}

const isOf =
  (graph: NodeGraph, plural: string, group: string): Related =>
  (node, _namespace, name) =>
    graph.nodeOf(plural, group, name) === node

function attachmentRule(request: Request, node: string, graph: NodeGraph): Verdict {
  return getRelated(request, node, isOf(graph, 'volumeattachments', 'storage.k8s.io'))
}

function accountRule(request: Request, node: string, graph: NodeGraph): Verdict {
  const { verb, subresource, name } = request
  const isRelated: Related = (_, namespace, account) =>
    graph.hasPodThat(node, namespace, ({ serviceAccount }) => serviceAccount === account)
  // For plugins that fetch images with the token of the pod's account.
  if (verb === 'get' && !subresource) return getRelated(request, node, isRelated)
  if (verb !== 'create' || !name) return 'can only create tokens for individual service accounts'
  if (subresource !== 'token') return 'can only create token subresource of serviceaccount'
  return related(request, node, isRelated)
}

/** Objects that a node has one of, with its own name. */
const ownVerbs = ['get', 'create', 'update', 'patch', 'delete']

function leaseRule({ verb, namespace, name }: Request, node: string): Verdict {
  if (!ownVerbs.includes(verb)) return `can only ${ownList} a node lease`
  if (namespace !== LEASE_NAMESPACE) {
    return `can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`
  }
  // Nobody knows the name of what is created yet; admission looks at it.
  if (verb === 'create' || name === node) return true
  return 'can only access node lease with the same name as the requesting node'
}

function csiNodeRule({ verb, subresource, name }: Request, node: string): Verdict {
  if (!ownVerbs.includes(verb)) return `can only ${ownList} a CSINode`
  if (subresource) return 'cannot authorize CSINode subresources'
  if (verb === 'create' || name === node) return true
  return 'can only access CSINode with the same name as the requesting node'
}

const ownList = 'get, create, update, patch, or delete'

function sliceRule(request: Request, node: string, graph: NodeGraph): Verdict {
  const { verb, subresource } = request
  if (subresource) return 'cannot authorize ResourceSlice subresources'
  switch (verb) {
    case 'create':
      return true
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(request, node, isOf(graph, 'resourceslices', 'resource.k8s.io'))
    case 'list':
    case 'watch':
    case 'deletecollection':
      if (isSelected(request, 'spec.nodeName', node)) return true
      return 'can only list/watch/deletecollection resourceslices with nodeName field selector'
    default:
      return (
        'only the following verbs are allowed for a ResourceSlice: ' +
        'get, watch, list, create, update, patch, delete, deletecollection'
      )
  }
}

function nodeRule({ verb, subresource, name }: Request, node: string): Verdict {
  const isChange = verb === 'update' || verb === 'patch'
  if (subresource === 'status') return isChange || undefined
  if (subresource) return undefined
  if (isChange || verb === 'create') return true
  if (!isRead(verb)) return undefined
  if (name === node) return true
  return name
    ? `node '${node}' cannot read '${name}', only its own Node object`
    : `node '${node}' cannot read all nodes, only its own Node object`
}

function podRule(request: Request, node: string, graph: NodeGraph): Verdict {
  const { verb, subresource, name } = request
  const isRelated: Related = (...where) => graph.hasPod(...where)
  if (subresource === 'status') return verb === 'update' || verb === 'patch' || undefined
  if (subresource === 'eviction') return verb === 'create' || undefined
  if (subresource) return undefined
  if (verb === 'get') return getRelated(request, node, isRelated)
  if (verb === 'create' || verb === 'delete') return true
  if (verb !== 'list' && verb !== 'watch') return undefined
  if (isSelected(request, 'spec.nodeName', node)) return true
  if (name) return related(request, node, isRelated)
  return 'can only list/watch pods with spec.nodeName field selector'
}

/** Whether the request is limited to objects with this value in a field. */
function isSelected({ query }: Request, field: string, value: string): boolean {
  const text = query.get('fieldSelector')
  if (!text) return false
  try {
    return parseFieldSelector(text).some(
      (each) => each.field === field && each.operator === '=' && each.value === value,
    )
  } catch (error) {
    if (error instanceof FieldSelectorError) return false
    throw error
  }
}

/** Whether the request is limited to objects with this value in a label. */
function isLabelled({ query }: Request, label: string, value: string): boolean {
  const text = query.get('labelSelector')
  if (!text) return false
  try {
    return requiredLabel(parseLabelSelector(text), label) === value
  } catch (error) {
    if (error instanceof LabelSelectorError) return false
    throw error
  }
}
