// Verifies packs, checkpoints and proofs of a returns ledger with the library that guards Go's own
// modules (golang.org/x/mod/sumdb): a second opinion that shares no line with verify.py.
//
//	go run main.go checkpoint VKEY CHECKPOINT
//	go run main.go proof VKEY PROOF ENTRY
//	go run main.go consistency VKEY CHECKPOINT CONSISTENCY
//	go run main.go pack VKEY FOLDER
//	go run main.go batch                one JSON object a line on standard input
//
// It ends 0 with a line that begins with VERIFIED, or 1 with a line that begins with REFUSED.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const proofBegins = "c2sp.org/tlog-proof@v1"

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// opened is the text of a note that this key has signed.
func opened(vkey string, data []byte) (string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return "", err
	}
	return signed.Text, nil
}

func hashOf(text string) (hash tlog.Hash, err error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != tlog.HashSize {
		return hash, errors.New("not a hash: " + text)
	}
	copy(hash[:], data)
	return hash, nil
}

func hashesOf(texts []string) ([]tlog.Hash, error) {
	hashes := []tlog.Hash{}
	for _, text := range texts {
		hash, err := hashOf(text)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func checkpointOf(vkey string, data []byte) (made checkpoint, err error) {
	text, err := opened(vkey, data)
	if err != nil {
		return made, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return made, errors.New("not a checkpoint")
	}
	made.origin = lines[0]
	made.size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return made, err
	}
	if made.origin != strings.SplitN(vkey, "+", 2)[0] {
		return made, errors.New("a checkpoint of another log")
	}
	made.root, err = hashOf(lines[2])
	return made, err
}

func checkProof(vkey string, proof, line []byte) error {
	parts := strings.SplitN(string(proof), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != proofBegins {
		return errors.New("not a proof")
	}
	told, err := checkpointOf(vkey, []byte(parts[1]))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	hashes, err := hashesOf(lines[2:])
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(bytes.TrimSuffix(line, []byte("\n")))
	return tlog.CheckRecord(hashes, told.size, told.root, index, leaf)
}

func checkConsistency(vkey string, now, shown []byte) error {
	var told struct {
		From   string
		Hashes []string
	}
	if err := json.Unmarshal(shown, &told); err != nil {
		return err
	}
	newer, err := checkpointOf(vkey, now)
	if err != nil {
		return err
	}
	older, err := checkpointOf(vkey, []byte(told.From))
	if err != nil {
		return err
	}
	hashes, err := hashesOf(told.Hashes)
	if err != nil {
		return err
	}
	if older.size == newer.size && older.root == newer.root && len(hashes) == 0 {
		return nil
	}
	return tlog.CheckTree(hashes, newer.size, newer.root, older.size, older.root)
}

// grown is the tree's hash over all lines, computed by the library from what it stores of each.
func grown(lines *bufio.Reader) (int64, tlog.Hash, error) {
	var stored []tlog.Hash
	var size int64
	reader := tlog.HashReaderFunc(func(wanted []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(wanted))
		for i, index := range wanted {
			found[i] = stored[index]
		}
		return found, nil
	})
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil {
			return 0, tlog.Hash{}, err
		}
		hashes, err := tlog.StoredHashes(size, line[:len(line)-1], reader)
		if err != nil {
			return 0, tlog.Hash{}, err
		}
		stored = append(stored, hashes...)
		size++
	}
	root, err := tlog.TreeHash(size, reader)
	return size, root, err
}

func checkFiles(folder string, manifest []byte) (complete bool, err error) {
	var told struct {
		Complete bool
		Files    []struct{ Path, Sha256 string }
	}
	if err := json.Unmarshal(manifest, &told); err != nil {
		return false, err
	}
	for _, file := range told.Files {
		data, err := os.ReadFile(filepath.Join(folder, file.Path))
		if err != nil {
			return false, err
		}
		if fmt.Sprintf("%x", sha256.Sum256(data)) != file.Sha256 {
			return false, errors.New(file.Path + " was changed")
		}
	}
	return told.Complete, nil
}

func checkEach(folder string, told checkpoint) error {
	entries, err := os.ReadFile(filepath.Join(folder, "entries.ndjson"))
	if err != nil {
		return err
	}
	proofs, err := os.ReadFile(filepath.Join(folder, "proofs.ndjson"))
	if err != nil {
		return err
	}
	lines, proved := bytes.Split(entries, []byte("\n")), bytes.Split(proofs, []byte("\n"))
	if len(lines) != len(proved) {
		return errors.New("not as many proofs as entries")
	}
	for i, line := range lines[:len(lines)-1] {
		var proof struct {
			Position int64
			Hashes   []string
		}
		if err := json.Unmarshal(proved[i], &proof); err != nil {
			return err
		}
		hashes, err := hashesOf(proof.Hashes)
		if err != nil {
			return err
		}
		leaf := tlog.RecordHash(line)
		if err := tlog.CheckRecord(hashes, told.size, told.root, proof.Position-1, leaf); err != nil {
			return err
		}
	}
	return nil
}

func checkPack(vkey, folder string) error {
	manifest, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(folder, "manifest.note"))
	if err != nil {
		return err
	}
	text, err := opened(vkey, signed)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	told, err := checkpointOf(vkey, now)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(manifest)
	if text != fmt.Sprintf("returns-ledger.manifest/1\n%s\n%x\n", told.origin, digest) {
		return errors.New("the manifest is not the one that was signed")
	}
	complete, err := checkFiles(folder, manifest)
	if err != nil {
		return err
	}
	if !complete {
		return checkEach(folder, told)
	}
	entries, err := os.Open(filepath.Join(folder, "entries.ndjson"))
	if err != nil {
		return err
	}
	defer entries.Close()
	size, root, err := grown(bufio.NewReader(entries))
	if err == nil && (size != told.size || root != told.root) {
		err = errors.New("the entries do not make the tree that was signed")
	}
	return err
}

type request struct {
	Kind, Vkey, Note       string
	Size, Index, Before    int64
	Root, Leaf, BeforeRoot string
	Hashes                 []string
}

func answer(asked request) error {
	if asked.Kind == "note" {
		_, err := opened(asked.Vkey, []byte(asked.Note))
		return err
	}
	root, err := hashOf(asked.Root)
	if err != nil {
		return err
	}
	hashes, err := hashesOf(asked.Hashes)
	if err != nil {
		return err
	}
	if asked.Kind == "inclusion" {
		leaf, err := hashOf(asked.Leaf)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(hashes, asked.Size, root, asked.Index, leaf)
	}
	before, err := hashOf(asked.BeforeRoot)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, asked.Size, root, asked.Before, before)
}

// batch answers a line for each line, so that a test asks thousands of questions at once.
func batch() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var asked request
		err := json.Unmarshal(lines.Bytes(), &asked)
		if err == nil {
			err = answer(asked)
		}
		if err == nil {
			fmt.Fprintln(out, "VERIFIED")
		} else {
			fmt.Fprintln(out, "REFUSED", strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
	return lines.Err()
}

func run(arguments []string) error {
	if len(arguments) == 1 && arguments[0] == "batch" {
		return batch()
	}
	wanted := map[string]int{"checkpoint": 3, "proof": 4, "consistency": 4, "pack": 3}
	if len(arguments) == 0 || wanted[arguments[0]] != len(arguments) {
		return errors.New("say what: checkpoint, proof, consistency or pack, the key, and the files")
	}
	if arguments[0] == "pack" {
		return checkPack(arguments[1], arguments[2])
	}
	var files [][]byte
	for _, name := range arguments[2:] {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files = append(files, data)
	}
	switch arguments[0] {
	case "proof":
		return checkProof(arguments[1], files[0], files[1])
	case "consistency":
		return checkConsistency(arguments[1], files[0], files[1])
	}
	_, err := checkpointOf(arguments[1], files[0])
	return err
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("REFUSED", err)
		os.Exit(1)
	}
	if os.Args[1] != "batch" {
		fmt.Println("VERIFIED", strings.Join(os.Args[1:], " "))
	}
}
