import { folderStore } from '@model-canary/core/folder-store'
import { describe } from 'vitest'
import { inFolder } from '../../src/folder-store/folder.fixture.js'
import { laterRecordRules } from '../later-records.fixture.js'

describe('what a later library has written into a folder', () => {
  for (const [rule, holds] of Object.entries(laterRecordRules)) inFolder(rule, (path) => holds(() => folderStore(path)))
})
