package main

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

// events is the file of JSON lines on which the starter follows the components.
type events struct {
	mutex sync.Mutex
	file  *os.File
	began time.Time
}

type event struct {
	Component    string `json:"component"`
	State        string `json:"state"`
	Milliseconds int64  `json:"ms"`
	Detail       string `json:"detail,omitempty"`
}

func openEvents(file string) (*events, error) {
	handle, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	return &events{file: handle, began: time.Now()}, err
}

func (events *events) add(component, state, detail string) {
	line, err := json.Marshal(event{component, state, time.Since(events.began).Milliseconds(), detail})
	if err != nil {
		return
	}
	events.mutex.Lock()
	defer events.mutex.Unlock()
	events.file.Write(append(line, '\n'))
}
