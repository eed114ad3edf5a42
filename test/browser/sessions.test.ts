import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openConsole } from './harness.ts'
import type { ConsoleUnderTest } from './harness.ts'

let underTest: ConsoleUnderTest

beforeAll(async () => {
  underTest = await openConsole()
})

afterEach(async () => {
  await underTest.closePages()
  expect(underTest.complaints.splice(0)).toEqual([])
})

afterAll(() => underTest.close())

test('a tab follows when another one enters another workspace: nothing is done in a workspace that it does not show', async () => {
  const one = await underTest.signedIn()
  const other = await one.context().newPage()
  await other.goto('/console/profiles')
  await other.getByRole('button', { name: /^Workspace Shop/ }).click()
  await other.getByRole('menuitem', { name: 'Outlet' }).click()
  await other.getByRole('button', { name: /^Workspace Outlet/ }).waitFor()
  await one.getByRole('button', { name: /^Workspace Outlet/ }).waitFor()
  expect(underTest.complaints.splice(0)).toEqual([])
})

test('a session that has ended leads to the sign-in and back to where one was', async () => {
  const page = await underTest.signedIn()
  await page.goto('/console/segments')
  await page.getByRole('heading', { level: 1, name: 'Segments' }).waitFor()
  await page.context().clearCookies()
  await page.getByRole('navigation').getByRole('link', { name: 'Imports' }).click()
  await page.waitForURL(/\/console\/sign-in\?next=/)
  await page.getByLabel('E-mail').waitFor()
  expect(new URL(page.url()).searchParams.get('next')).toMatch(/^\/(imports|segments)/)
  for (const complaint of underTest.complaints.splice(0)) expect(complaint).toContain('status of 401')
})

test('whoever sees the second step of somebody else can begin anew', async () => {
  const page = await underTest.signedIn()
  await page.goto('/console/workspaces')
  await page.getByRole('button', { name: 'Sign in as somebody else' }).click()
  await page.getByLabel('E-mail').waitFor()
  expect(await page.context().cookies()).toEqual([])
  expect(underTest.complaints.splice(0)).toEqual([])
})
