// Package notebooks holds the project's Jupyter notebooks, which run Go in the GoNB kernel, and the scripts
// that install, execute and check them. The package exports nothing; its tests check the committed notebooks and
// the scripts.
//
//   - setup.sh installs the tools at pinned versions, outside the repository (make setup-notebooks);
//   - execute.sh runs notebooks without a browser and fails when a cell fails (make notebooks);
//   - lab.sh opens JupyterLab with the same kernel (make lab);
//   - browser/test.sh runs a notebook in JupyterLab in Chromium (make browser-test);
//   - pin.sh pins the Python packages (make requirements).
//
// Cells compile in a Go workspace with this repository. So they can import its packages and every module of its
// go.mod, at the same versions and without a network. The first code cell of a notebook has the line %noautoget,
// which keeps GoNB from running "go get" for each cell. The environment variable RN_NOTEBOOK_PROFILE, quick or
// full, selects how much cells compute. execute.sh sets RN_NOTEBOOK_HEADLESS, so that controls keep their defaults.
// Package experiments/study/notebook holds the code that cells share.
package notebooks
