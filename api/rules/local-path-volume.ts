/** Volumes that are directories of nodes: what provisioner, nodes and server know them by. */

/** Provisioner of the class that clusters have from the start. */
export const LOCAL_PATH_PROVISIONER = 'nanokube.io/local-path'
/** On volumes: the node removes the data, and then this. */
export const LOCAL_PATH_FINALIZER = 'nanokube.io/local-path'
/** On volumes: the name of their node. */
export const LOCAL_PATH_NODE_LABEL = 'nanokube.io/local-path-node'
/** On nodes: the directory below which they keep such volumes, each in one named after it. */
export const LOCAL_PATH_DIRECTORY = 'nanokube.io/local-path-directory'

/** Node names that are longer do not fit into a label, so that their volumes are not found. */
export const LOCAL_PATH_NODE_NAME_MAX = 63
