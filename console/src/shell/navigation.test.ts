import { expect, test } from 'vitest'
import { placesFor } from './navigation.ts'

test('whoever may see the segments only is offered no page that the server would refuse', () => {
  const places = placesFor((permission) => permission === 'segments:read')
  expect(places.map(({ label }) => label)).toEqual(['Segments', 'Settings'])
})
