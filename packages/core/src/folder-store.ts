// For rollouts whose processes share a folder of one host. Every export is named here.

// the store

export { type FolderStoreOptions, folderStore } from './folder-store/folder-store.js'
