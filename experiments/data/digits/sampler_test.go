package digits

import (
	"slices"
	"testing"
)

func mustSampler(t *testing.T, n, batch int, seed uint64) *Sampler {
	t.Helper()
	s, err := NewSampler(n, batch, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSamplerVisitsEachImageOnceAnEpoch(t *testing.T) {
	for _, size := range []struct{ n, batch int }{{12, 4}, {13, 4}, {7, 7}, {5, 1}} {
		s := mustSampler(t, size.n, size.batch, 3)
		for epoch := range 4 {
			seen := map[int]bool{}
			perEpoch := size.n / size.batch
			for step := epoch * perEpoch; step < (epoch+1)*perEpoch; step++ {
				indices := s.Indices(step)
				if len(indices) != size.batch {
					t.Fatalf("%+v, step %d: %d indices", size, step, len(indices))
				}
				for _, index := range indices {
					if index < 0 || index >= size.n || seen[index] {
						t.Errorf("%+v, step %d: index %d is outside or repeated", size, step, index)
					}
					seen[index] = true
				}
			}
			if want := size.n - size.n%size.batch; len(seen) != want {
				t.Errorf("%+v, epoch %d: %d images, want %d", size, epoch, len(seen), want)
			}
		}
	}
}

func TestSamplerDropsOtherImagesEachEpoch(t *testing.T) {
	s := mustSampler(t, 13, 4, 1)
	seen := map[int]bool{}
	for step := range 20 * 3 {
		for _, index := range s.Indices(step) {
			seen[index] = true
		}
	}
	if len(seen) != 13 {
		t.Errorf("only %d of 13 images came in 20 epochs", len(seen))
	}
}

func TestSamplerRandomAccess(t *testing.T) {
	const steps = 40
	sequential := mustSampler(t, 30, 7, 11)
	var want [][]int
	for step := range steps {
		want = append(want, sequential.Indices(step)) // kept across epochs: slices must stay valid
	}
	jumping := mustSampler(t, 30, 7, 11)
	for i := range steps {
		step := i * 17 % steps
		if got := jumping.Indices(step); !slices.Equal(got, want[step]) {
			t.Errorf("step %d: %v in random order, %v in sequence", step, got, want[step])
		}
	}
	if slices.Equal(want[0], mustSampler(t, 30, 7, 12).Indices(0)) {
		t.Error("another seed gives the same first batch")
	}
	if slices.Equal(want[0], want[30/7]) {
		t.Error("two epochs start with the same batch")
	}
}

// A change of these numbers breaks the resuming of runs begun before it, and their comparison with new ones.
func TestSamplerGolden(t *testing.T) {
	s := mustSampler(t, 10, 5, 42)
	for step, want := range [][]int{{3, 2, 5, 6, 4}, {1, 0, 7, 9, 8}, {3, 6, 9, 2, 7}, {8, 4, 0, 5, 1}} {
		if got := s.Indices(step); !slices.Equal(got, want) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
}

func TestNewSamplerErrors(t *testing.T) {
	for _, tt := range []struct {
		n, batch int
		want     string
	}{
		{10, 11, "batch of 11 images out of only 10"},
		{10, 0, "batch of 0 images"},
		{0, 1, "0 images to sample from"},
	} {
		_, err := NewSampler(tt.n, tt.batch, 0)
		wantError(t, err, tt.want)
	}
	wantPanic(t, "Indices(-1)", func() { mustSampler(t, 2, 1, 0).Indices(-1) })
}
