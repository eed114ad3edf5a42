import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { FormDialog } from './form-dialog.tsx'

/**
 * Asks before something that cannot be taken back, or that hurts when it was not meant.
 * `word` must be typed first, where there is one.
 */
export function ConfirmDialog(props: {
  title: string
  children: ReactNode
  /** What the button says: the act, not "OK". */
  act: string
  word?: string
  isPending: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}) {
  const { title, children, act, word, isPending, error, onConfirm, onClose } = props
  const [typed, setTyped] = useState('')
  return (
    <FormDialog
      title={title}
      act={act}
      isGrave
      isReady={word === undefined || typed === word}
      isPending={isPending}
      error={error}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      <Text size="sm" component="div">
        {children}
      </Text>
      {word !== undefined && (
        <TextInput
          label={`Type ${word} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      )}
    </FormDialog>
  )
}
