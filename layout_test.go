package parley_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sourceFile is one parsed Go file of the repository.
type sourceFile struct {
	path string // from the root, with slashes
	file *ast.File
	set  *token.FileSet
}

func (f sourceFile) folder() string { return path.Dir(f.path) }
func (f sourceFile) isTest() bool   { return strings.HasSuffix(f.path, "_test.go") }

// sourceFiles parses every Go file below the root, comments included.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != "." && (base[0] == '.' || base == "testdata" || base == "bin" || base == "build") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(base) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, sourceFile{filepath.ToSlash(name), file, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// rowOfFolder is the beginning of a row in the architecture's table of folders.
var rowOfFolder = regexp.MustCompile("(?m)^\\| `([a-z][a-z0-9/]*)/` ")

func foldersOfTheTable(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, row := range rowOfFolder.FindAllSubmatch(page, -1) {
		folders = append(folders, string(row[1]))
	}
	if len(folders) == 0 {
		t.Fatal("docs/architecture.md has no table of folders")
	}
	return folders
}

func TestFoldersOfTheArchitectureExist(t *testing.T) {
	for _, folder := range foldersOfTheTable(t) {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			t.Errorf("docs/architecture.md names %s/, and there is no such folder", folder)
		}
	}
}

func TestArchitectureNamesEveryPackage(t *testing.T) {
	named := foldersOfTheTable(t)
	for _, f := range sourceFiles(t) {
		if folder := f.folder(); folder != "." && !slices.Contains(named, folder) {
			t.Errorf("%s: docs/architecture.md does not name the folder %s/", f.path, folder)
			named = append(named, folder) // once is enough
		}
	}
}

func TestPackagesHaveOneComment(t *testing.T) {
	comments := map[string][]string{} // by folder, the files that have one
	for _, f := range sourceFiles(t) {
		if f.isTest() {
			continue
		}
		files := comments[f.folder()]
		if f.file.Doc.Text() != "" {
			files = append(files, f.path)
		}
		comments[f.folder()] = files // also when there is none so far
	}
	for folder, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s/ has %d package comments, want one: %s", folder, len(files), strings.Join(files, ", "))
		}
	}
}
