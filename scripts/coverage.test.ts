import { expect, test } from 'vitest'
import { fixtureFilesOf } from '../src/dialects/fixtures.ts'
import { dialects } from '../src/dialects/index.ts'
import { REFERENCE_IDS } from '../src/dialects/synerise/reference.ts'
import { renderCoverage } from './coverage.mjs'

const synerise = dialects.find(({ name }) => name === 'synerise')!

/** The numbered rows of a text, cell by cell. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))
    .filter(([number = '']) => /^\d+$/.test(number))

test('Synerise has 111 rows in the order of the reference', () => {
  const rows = rowsOf(renderCoverage(dialects, fixtureFilesOf))
  expect(rows.map(([number]) => Number(number))).toEqual(REFERENCE_IDS.map((_id, index) => index + 1))
  const titleOf = (id: string): string | undefined => synerise.operations.find((one) => one.id === id)?.title
  expect(rows.map(([, title]) => title)).toEqual(REFERENCE_IDS.map(titleOf))
  expect(rows.map(([, , , , proof = '']) => proof).filter((proof) => !proof.startsWith('['))).toEqual([])
})

test('an operation that is there, but that no fixture proves, is not passed over', () => {
  const without = (dialect: string) =>
    fixtureFilesOf(dialect).map(({ file, fixtures }) => ({
      file,
      fixtures: fixtures.filter(({ operation }) => operation !== 'server-time'),
    }))
  expect(() => renderCoverage(dialects, without)).toThrow('nothing proves synerise server-time')
})
