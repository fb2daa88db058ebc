package digits

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// writeFiles writes files to a new folder.
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

// smallFiles returns well-formed files of each data set with other content than the published ones: 3 training and 2
// test images (uci: 3).
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

			splits, err := spec.Load(ctx, Options{Root: root, SkipChecksum: true, TrainLimit: 2})
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
			wantError(t, err, "limit of -1 training")

			if len(files) == 1 {
				return
			}
			for missing := range files {
				rest := maps.Clone(files)
				delete(rest, missing)
				incomplete := writeFiles(t, rest)
				_, err := spec.Load(ctx, Options{Root: incomplete, SkipChecksum: true})
				wantError(t, err, "folder "+incomplete+" lacks "+missing)
			}
		})
	}
}

// TestDataFolder checks the order of the data folders: Root, $RN_DATA, ./data. Only the first one named counts.
func TestDataFolder(t *testing.T) {
	files := smallFiles(t)["usps"]
	write := func(dir string, images int) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		lines := strings.Repeat(uspsLine("1"), images)
		for name := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(lines), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	parent := t.TempDir()
	here := filepath.Join(parent, "here")
	write(filepath.Join(parent, "shared", "data", "usps"), 9) // which must not be found from here
	write(filepath.Join(parent, "data", "usps"), 9)
	if err := os.Mkdir(here, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	t.Setenv(DataEnv, "")
	wantImages := func(root string, images int) {
		t.Helper()
		splits, err := uspsSpec().Load(t.Context(), Options{Root: root, SkipChecksum: true})
		if err != nil || splits.Train.Len() != images {
			t.Errorf("root %q: %+v, error %v, want %d images", root, splits, err, images)
		}
	}
	wantNone := func(root string, folders ...string) {
		t.Helper()
		_, err := uspsSpec().Load(t.Context(), Options{Root: root, SkipChecksum: true})
		for _, want := range append(folders, uspsTrainFile, uspsTestFile, "Elements of Statistical Learning", "--root", "$RN_DATA") {
			wantError(t, err, want)
		}
	}

	wantNone("", filepath.Join("data", "usps"), "nor in data:")
	write(filepath.Join("data", "usps"), 1)
	wantImages("", 1)
	t.Setenv(DataEnv, "env")
	wantNone("", filepath.Join("env", "usps"), "nor in env:")
	write("env", 2)
	wantImages("", 2)
	wantNone("root", filepath.Join("root", "usps"), "nor in root:")
	write("root", 3) // the files themselves, without a folder usps
	wantImages("root", 3)
	write(filepath.Join("root", "usps"), 4)
	wantImages("root", 4)
}

func TestMNISTRejectsOtherSizes(t *testing.T) {
	files := smallFiles(t)["mnist"]
	files[mnistTrain.images] = gzipped(t, idxFile([]uint32{3, 14, 14}, make([]byte, 3*14*14)))
	_, err := mnistSpec().Load(context.Background(), Options{Root: writeFiles(t, files), SkipChecksum: true})
	wantError(t, err, "14×14, want 28×28")
}

// checkSplits checks what every data set has in common, however many images are loaded.
func checkSplits(t *testing.T, spec Spec, splits Splits) {
	t.Helper()
	for part, im := range map[string]*Images{"train": splits.Train, "test": splits.Test} {
		wantValid(t, im)
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

// TestLoadPublished checks the published data sets against the registry. mnist and uci are fetched if need be; usps,
// which no registry carries, is checked too where $RN_DATA has it.
func TestLoadPublished(t *testing.T) {
	specs := []Spec{mnistSpec(), uciSpec()}
	if usps, err := locate("", "usps", uspsSpec().Files); err != nil {
		t.Error(err)
	} else if usps.dir != "" {
		specs = append(specs, uspsSpec())
	}
	// Images of each digit: from the documentation of the files for usps, counted once for the others.
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
	for _, spec := range specs {
		t.Run(spec.Name, func(t *testing.T) {
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

// TestUSPSSumIsOfTheDigits checks that the same digits with four decimals have the same sum, and that one changed value
// changes it.
func TestUSPSSumIsOfTheDigits(t *testing.T) {
	text := uspsLine("6", "1", "-0.948", "0.5") + uspsLine("0", "0")
	decimals := strings.NewReplacer(" -1", " -1.0000", " -0.948", " -0.9480", " 0.5", " 0.5000").Replace(text)
	im, err := readUSPS("digits", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	read := func(content string) error {
		path := filepath.Join(writeFiles(t, map[string][]byte{uspsTestFile: gzipped(t, []byte(content))}), uspsTestFile)
		_, err := readUSPSFile(t.Context(), path, "usps test", im.Checksum(), false)
		return err
	}
	wantError(t, read(text), "")
	wantError(t, read(decimals), "")
	wantError(t, read(strings.Replace(text, " -0.948 ", " -0.947 ", 1)), "want "+im.Checksum())
}
