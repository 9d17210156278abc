package api

import "context"

// write writes the answers in the order of the lines, until there are no more
// or ctx ends. Its error says that the caller does not take them.
func (b *batchRun) write(ctx context.Context) error {
	for {
		slot, ok, err := await(ctx, b, b.ordered)
		if err != nil || !ok {
			return err
		}
		if _, _, err := await(ctx, b, slot.done); err != nil {
			return err
		}
		if slot.answer == nil {
			return ctx.Err()
		}
		b.tally.add(slot)
		err = b.out.line(slot.answer.Bytes())
		recycle(slot.answer)
		b.room.Release(slot.weight)
		b.memory.drop(slot.held)
		if err != nil {
			return err
		}
	}
}

// await returns the next value of a channel, and whether there was one. What
// was written a while ago is sent meanwhile.
func await[T any](ctx context.Context, b *batchRun, from <-chan T) (v T, ok bool, err error) {
	for {
		select {
		case v, ok = <-from:
			return v, ok, nil
		case <-b.out.late.C:
			if err = b.out.send(); err != nil {
				return v, false, err
			}
		case <-ctx.Done():
			return v, false, ctx.Err()
		}
	}
}
