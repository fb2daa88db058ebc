package digits

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// writeFiles puts files into a new folder.
func writeFiles(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// smallFiles are well-formed files of each data set that are not the known ones: 3 training and 2 test images (uci: 3).
func smallFiles(t *testing.T) map[string]map[string][]byte {
	idx := func(n uint32) (images, labels []byte) {
		return gzipped(t, idxFile([]uint32{n, 28, 28}, bytes.Repeat([]byte{51}, int(n)*28*28))),
			gzipped(t, idxFile([]uint32{n}, bytes.Repeat([]byte{4}, int(n))))
	}
	trainImages, trainLabels := idx(3)
	testImages, testLabels := idx(2)
	return map[string]map[string][]byte{
		"mnist": {
			mnistTrain.images: trainImages, mnistTrain.labels: trainLabels,
			mnistTest.images: testImages, mnistTest.labels: testLabels,
		},
		"usps": {
			uspsTrainFile: gzipped(t, []byte(uspsLine("1")+uspsLine("2")+uspsLine("3"))),
			uspsTestFile:  gzipped(t, []byte(uspsLine("4")+uspsLine("5"))),
		},
		"uci": {uciFile: gzipped(t, []byte(uciLine("1")+uciLine("2")+uciLine("3")))},
	}
}

func TestLoadOwnFiles(t *testing.T) {
	small := smallFiles(t)
	for _, spec := range All() {
		t.Run(spec.Name, func(t *testing.T) {
			files := small[spec.Name]
			root := writeFiles(t, files)
			ctx := context.Background()

			_, err := spec.Load(ctx, Options{Root: root})
			wantError(t, err, "data set "+spec.Name)
			wantError(t, err, "SkipChecksum")
			if err != nil && len(regexp.MustCompile(`\b[0-9a-f]{64}\b`).FindAllString(err.Error(), -1)) != 2 {
				t.Errorf("error %q does not name both sums", err)
			}

			splits, err := spec.Load(ctx, Options{Root: root, SkipChecksum: true, TrainLimit: 2, TestLimit: 100})
			if err != nil {
				t.Fatal(err)
			}
			wantTest := 2
			if spec.Transductive {
				wantTest = 3
			}
			if splits.Train.Len() != 2 || splits.Test.Len() != wantTest {
				t.Errorf("%d and %d images, want 2 and %d", splits.Train.Len(), splits.Test.Len(), wantTest)
			}
			checkSplits(t, spec, splits)

			cancelled, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := spec.Load(cancelled, Options{Root: root, SkipChecksum: true}); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: error %v", err)
			}
			_, err = spec.Load(ctx, Options{Root: root, TrainLimit: -1})
			wantError(t, err, "-1 training")

			// A given root must hold every file, and nothing else is tried.
			t.Setenv(DataEnv, filepath.Dir(root))
			for missing := range files {
				rest := map[string][]byte{}
				for name, content := range files {
					if name != missing {
						rest[name] = content
					}
				}
				incomplete := writeFiles(t, rest)
				_, err := spec.Load(ctx, Options{Root: incomplete, SkipChecksum: true})
				wantError(t, err, "the given folder "+incomplete+" has no "+missing)
			}
		})
	}
}

func TestLoadFromStandardFolders(t *testing.T) {
	small := smallFiles(t)["usps"]
	ctx, opts := context.Background(), Options{SkipChecksum: true}
	base := t.TempDir()
	deep := filepath.Join(base, "a", "b", "c") // deep enough that the search ends within the temporary folder
	shared := filepath.Join(base, "shared", "data", "usps")
	env := filepath.Join(base, "env")
	for _, dir := range []string{deep, shared, filepath.Join(env, "usps")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(deep)
	t.Setenv(DataEnv, env)

	_, err := loadUSPS(ctx, opts)
	for _, want := range []string{uspsTrainFile, uspsTestFile, filepath.Join(env, "usps"), shared, "Elements of Statistical Learning"} {
		wantError(t, err, want)
	}

	write := func(dir, name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), small[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(shared, uspsTrainFile)
	_, err = loadUSPS(ctx, opts)
	wantError(t, err, "folder "+shared+" lacks "+uspsTestFile)

	write(shared, uspsTestFile)
	if _, err := loadUSPS(ctx, opts); err != nil {
		t.Errorf("files three parents up: %v", err)
	}

	// $RN_DATA comes first: its half set of files is what is reported.
	write(filepath.Join(env, "usps"), uspsTestFile)
	_, err = loadUSPS(ctx, opts)
	wantError(t, err, filepath.Join(env, "usps")+" lacks "+uspsTrainFile)
}

func TestMNISTRejectsOtherSizes(t *testing.T) {
	files := smallFiles(t)["mnist"]
	files[mnistTrain.images] = gzipped(t, idxFile([]uint32{3, 14, 14}, make([]byte, 3*14*14)))
	_, err := mnistSpec().Load(context.Background(), Options{Root: writeFiles(t, files), SkipChecksum: true})
	wantError(t, err, "14×14, expected 28×28")
}

// checkSplits checks what holds of every data set, however many images are loaded.
func checkSplits(t *testing.T, spec Spec, splits Splits) {
	t.Helper()
	for part, im := range map[string]*Images{"train": splits.Train, "test": splits.Test} {
		if err := im.Validate(); err != nil {
			t.Error(err)
		}
		if im.Labels == nil {
			t.Errorf("%s has no labels", part)
		}
		if want := spec.Name + " " + part; im.Name != want {
			t.Errorf("name %q, want %q", im.Name, want)
		}
		if im.Height != spec.Height || im.Width != spec.Width || im.Channels != spec.Channels || !slices.Equal(im.Classes, spec.Classes) {
			t.Errorf("%s: %d×%d×%d, classes %v differ from the registry", im.Name, im.Height, im.Width, im.Channels, im.Classes)
		}
	}
}

// The real data. Nothing is downloaded: a data set whose files are not on the machine is skipped.
func TestLoadRealData(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	onMachine := map[string]func() error{
		"mnist": func() error { _, err := mnistModule.Dir(context.Background()); return err },
		"usps": func() error {
			found, err := locate("", "usps", uspsSpec().Files)
			if err == nil && found.dir == "" {
				err = fmt.Errorf("no files in %s", strings.Join(found.looked, ", "))
			}
			return err
		},
		"uci": func() error {
			path, err := uciCachePath()
			if err == nil {
				_, err = fetch.SHA256File(path)
			}
			return err
		},
	}
	// Images of each digit, as the documentation of the files states for usps and as counted once for the others.
	counts := map[string][2][]int{
		"mnist": {
			{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
		},
		"usps": {
			{1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644},
			{359, 264, 198, 166, 200, 160, 170, 147, 166, 177},
		},
		"uci": {
			{178, 182, 177, 183, 181, 182, 181, 179, 174, 180},
			{178, 182, 177, 183, 181, 182, 181, 179, 174, 180},
		},
	}
	for _, spec := range All() {
		t.Run(spec.Name, func(t *testing.T) {
			if err := onMachine[spec.Name](); err != nil {
				t.Skipf("the files of %s are not on this machine: %v", spec.Name, err)
			}
			splits, err := spec.Load(context.Background(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkSplits(t, spec, splits)
			if splits.Train.Len() != spec.TrainLen || splits.Test.Len() != spec.TestLen {
				t.Errorf("%d and %d images, the registry says %d and %d", splits.Train.Len(), splits.Test.Len(), spec.TrainLen, spec.TestLen)
			}
			for i, im := range []*Images{splits.Train, splits.Test} {
				count := make([]int, len(im.Classes))
				for _, label := range im.Labels {
					count[label]++
				}
				if !slices.Equal(count, counts[spec.Name][i]) {
					t.Errorf("%s: images of each class %v, want %v", im.Name, count, counts[spec.Name][i])
				}
			}
			same := splits.Train.Checksum() == splits.Test.Checksum()
			if same != spec.Transductive {
				t.Errorf("train and test are the same images: %v, the registry says %v", same, spec.Transductive)
			}
		})
	}
}

// Another rendering of the same digits, with four decimals, passes the check; changing one value does not.
func TestUSPSSumIsOfTheDigits(t *testing.T) {
	found, err := locate("", "usps", uspsSpec().Files)
	if err != nil || found.dir == "" {
		t.Skipf("no USPS files in shared/data/usps or $%s: %v", DataEnv, err)
	}
	original, err := os.ReadFile(filepath.Join(found.dir, uspsTestFile))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(original))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	decimals := regexp.MustCompile(` (-?\d+)(?:\.(\d+))?`).ReplaceAllFunc(text, func(field []byte) []byte {
		whole, part, _ := bytes.Cut(field, []byte("."))
		return fmt.Appendf(nil, "%s.%s%s", whole, part, "0000"[len(part):])
	})
	if bytes.Equal(decimals, text) || !bytes.Contains(decimals, []byte(" -1.0000 ")) {
		t.Fatal("the rendering did not change")
	}
	changed := bytes.Replace(text, []byte(" -0.948 "), []byte(" -0.947 "), 1)
	read := func(content []byte) error {
		path := filepath.Join(writeFiles(t, map[string][]byte{uspsTestFile: content}), uspsTestFile)
		_, err := readUSPSFile(context.Background(), path, "usps test", uspsTestSum, false)
		return err
	}
	wantError(t, read(decimals), "")
	wantError(t, read(changed), "expected "+uspsTestSum)
}
